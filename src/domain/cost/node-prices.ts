/** Prices from what the nodes cost: a list price per instance type, split over what the node offers. */
import { DEFAULT_PRICES, type ResourcePrices } from './resource-prices.ts';

const GIB = 1024 ** 3;

/** What one needs to know of a node to price it. */
export interface NodeFacts {
  readonly name: string;
  readonly instanceType: string | undefined;
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** USD per hour by instance type. */
export type NodePriceList = Readonly<Record<string, number>>;

/**
 * The unit prices of one node: its hourly price is split between CPU and memory in the ratio of the base rates,
 * so that all of its cores and all of its memory together cost exactly the node.
 */
export function pricesOfNode(node: NodeFacts, list: NodePriceList, base: ResourcePrices): ResourcePrices {
  const nodeUsdPerHour = node.instanceType === undefined ? undefined : list[node.instanceType];
  const atBaseRates =
    node.cpuCores * base.cpuUsdPerCoreHour + (node.memoryBytes / GIB) * base.memoryUsdPerGibHour;
  if (nodeUsdPerHour === undefined || !(atBaseRates > 0)) return base;
  const factor = nodeUsdPerHour / atBaseRates;
  return {
    cpuUsdPerCoreHour: base.cpuUsdPerCoreHour * factor,
    memoryUsdPerGibHour: base.memoryUsdPerGibHour * factor,
    source: 'node-price-list',
  };
}

/**
 * The prices that a workload sees: the mean over the nodes that its pods run on, weighted by pods. The source is
 * the weakest one among them. Without any node the base rates hold.
 */
export function pricesOfPods(
  podNodes: readonly string[],
  priceOf: (nodeName: string) => ResourcePrices | undefined,
  base: ResourcePrices = DEFAULT_PRICES,
): ResourcePrices {
  const prices = podNodes.map((name) => priceOf(name) ?? base);
  if (prices.length === 0) return base;
  const mean = (read: (price: ResourcePrices) => number): number =>
    prices.reduce((sum, price) => sum + read(price), 0) / prices.length;
  const listed = prices.every((price) => price.source === 'node-price-list');
  return {
    cpuUsdPerCoreHour: mean((price) => price.cpuUsdPerCoreHour),
    memoryUsdPerGibHour: mean((price) => price.memoryUsdPerGibHour),
    source: listed ? 'node-price-list' : base.source,
  };
}

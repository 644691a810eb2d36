/** Prices from what the nodes cost: a list price per instance type, split over what the node offers. */
import { DEFAULT_PRICES, type ResourcePrices } from './resource-prices.ts';

const GIB = 1024 ** 3;

/** What one needs to know of a node to price it. */
export interface NodeFacts {
  readonly name: string;
  readonly instanceType: string | undefined;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** True for a node that can be taken away. */
  readonly isSpot?: boolean;
}

/** USD per hour by instance type; the spot price of a type stands under `<type>/spot`. */
export type NodePriceList = Readonly<Record<string, number>>;

/** What the list says of exactly this type and kind of capacity; undefined where it says nothing. */
export function listedUsdPerHour(
  { instanceType, isSpot = false }: Pick<NodeFacts, 'instanceType' | 'isSpot'>,
  list: NodePriceList,
): number | undefined {
  return instanceType === undefined ? undefined : list[isSpot ? `${instanceType}/spot` : instanceType];
}

/**
 * The unit prices of one node: its hourly price is split between CPU and memory in the ratio of the base rates,
 * so that all of its cores and all of its memory together cost exactly the node. A spot node without a spot price
 * counts as on-demand: a saving that nobody knows is never claimed.
 */
export function pricesOfNode(node: NodeFacts, list: NodePriceList, base: ResourcePrices): ResourcePrices {
  const nodeUsdPerHour = listedUsdPerHour(node, list) ?? listedUsdPerHour({ ...node, isSpot: false }, list);
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

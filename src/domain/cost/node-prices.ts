/** Prices from what the nodes cost: a list price per machine, split over what the machine offers. See docs/adr/0016. */
import type { NodeFacts } from './node-facts.ts';
import { listedGpuUsdPerHour, type NodePriceList, priceKeyOf } from './price-list.ts';
import { DEFAULT_PRICES, gpuUsdPerHour, type ResourcePrices } from './resource-prices.ts';

export { listedUsdPerHour, type NodePriceList } from './price-list.ts';

const GIB = 1024 ** 3;

/**
 * The unit prices of one node. All of its cores, memory and GPUs together cost exactly the node. A spot node without a
 * spot price counts as on-demand: a saving that nobody knows is never claimed. A node that nobody has a price for has
 * the base rates.
 */
export function pricesOfNode(node: NodeFacts, list: NodePriceList, base: ResourcePrices): ResourcePrices {
  const key = priceKeyOf(node, list);
  const usd = key === undefined ? undefined : list[key];
  const ownGpuRate = listedGpuUsdPerHour(node.gpuProduct, list);
  const rates = ownGpuRate === undefined ? base : { ...base, gpuUsdPerHour: ownGpuRate };
  return usd === undefined ? rates : splitNodePrice(usd, node, rates);
}

/**
 * Splits the price of a machine in the ratio of the base rates, which is what OpenCost does. Where a machine with GPUs
 * costs more than its parts at base rates, cores and memory keep the base rates and the GPUs take the rest: a dear
 * machine is dear for its GPUs, and shrinking a pod's CPU request gives none of that back.
 */
function splitNodePrice(usdPerHour: number, node: NodeFacts, base: ResourcePrices): ResourcePrices {
  const { gpus = 0 } = node;
  const ordinary =
    node.cpuCores * base.cpuUsdPerCoreHour + (node.memoryBytes / GIB) * base.memoryUsdPerGibHour;
  const whole = ordinary + gpus * gpuUsdPerHour(base);
  if (!(whole > 0)) return base;
  const ratio = usdPerHour / whole;
  const factor = gpus > 0 ? Math.min(1, ratio) : ratio;
  return {
    cpuUsdPerCoreHour: base.cpuUsdPerCoreHour * factor,
    memoryUsdPerGibHour: base.memoryUsdPerGibHour * factor,
    ...(gpus > 0 ? { gpuUsdPerHour: (usdPerHour - ordinary * factor) / gpus } : {}),
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
  return meanPrices(podNodes.map((name) => priceOf(name) ?? base)) ?? base;
}

/** The mean of several prices, named by the weakest source among them; undefined where there are none. */
export function meanPrices(prices: readonly ResourcePrices[]): ResourcePrices | undefined {
  const [first] = prices;
  if (first === undefined) return undefined;
  const mean = (read: (price: ResourcePrices) => number): number =>
    prices.reduce((sum, price) => sum + read(price), 0) / prices.length;
  const weakest = prices.find((price) => price.source !== 'node-price-list') ?? first;
  return {
    cpuUsdPerCoreHour: mean((price) => price.cpuUsdPerCoreHour),
    memoryUsdPerGibHour: mean((price) => price.memoryUsdPerGibHour),
    ...(prices.some((price) => price.gpuUsdPerHour !== undefined)
      ? { gpuUsdPerHour: mean(gpuUsdPerHour) }
      : {}),
    source: weakest.source,
  };
}

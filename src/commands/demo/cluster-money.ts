/** What the pods of a cluster reserve, in money and in cores: read from the pods, independent of the ledger. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { readDesiredPodFields } from '#domain/change/pod-objects.ts';
import { nodeFacts } from '#domain/cost/node-facts.ts';
import { type NodePriceList, pricesOfNode } from '#domain/cost/node-prices.ts';
import { type ResourcePrices, usdPerHour } from '#domain/cost/resource-prices.ts';
import { podFootprint } from '#domain/cost/workload-cost.ts';

export interface PriceBook {
  readonly base: ResourcePrices;
  readonly nodes: NodePriceList;
}

export interface ClusterMoney {
  readonly usdPerHour: number;
  readonly reservedCores: number;
  readonly reservedBytes: number;
}

/** The unit prices of every node, by its name. */
export function pricesByNode(nodes: readonly Node[], book: PriceBook): ReadonlyMap<string, ResourcePrices> {
  const facts = nodes.map((node) => nodeFacts(node));
  return new Map(facts.map((node) => [node.name, pricesOfNode(node, book.nodes, book.base)]));
}

/** Sums the requests of all pods that hold a place on a node. */
export function clusterMoney(
  pods: readonly Pod[],
  prices: ReadonlyMap<string, ResourcePrices>,
): ClusterMoney {
  let sum: ClusterMoney = { usdPerHour: 0, reservedCores: 0, reservedBytes: 0 };
  for (const pod of pods) {
    const price = prices.get(pod.spec?.nodeName ?? '');
    if (price === undefined || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) continue;
    const footprint = podFootprint(readDesiredPodFields(pod));
    sum = {
      usdPerHour: sum.usdPerHour + usdPerHour(footprint, price),
      reservedCores: sum.reservedCores + (footprint.cpuCores ?? 0),
      reservedBytes: sum.reservedBytes + (footprint.memoryBytes ?? 0),
    };
  }
  return sum;
}

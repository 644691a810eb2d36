/** The prices that one workload sees: of the machines under its pods, with the GPUs that each pod holds. */
import type { Node, PodSpec } from '#apis/kubernetes/builtin.ts';
import type { CapacityLabel } from '../spot/capacity-label.ts';
import { type NodeGpus, nodeGpus, podGpus } from './gpu-share.ts';
import { nodeFacts } from './node-facts.ts';
import { type NodePriceList, pricesOfNode, pricesOfPods } from './node-prices.ts';
import type { ResourcePrices } from './resource-prices.ts';

export interface WorkloadPriceInput {
  readonly template: PodSpec | undefined;
  /** The node under each of its pods. */
  readonly hosts: readonly string[];
  readonly nodeOf: (name: string) => Node | undefined;
  readonly book: { readonly base: ResourcePrices; readonly nodes: NodePriceList };
  /** The user's own label of spot nodes. */
  readonly label?: CapacityLabel | undefined;
}

/** A replica more or less is GPU-hours more or less; a change of CPU or memory moves no GPU. */
export function workloadPrices({ template, hosts, nodeOf, book, label }: WorkloadPriceInput): ResourcePrices {
  const { base, nodes } = book;
  const priceOf = (name: string): ResourcePrices | undefined => {
    const node = nodeOf(name);
    return node === undefined ? undefined : pricesOfNode(nodeFacts(node, label), nodes, base);
  };
  const known = hosts.flatMap((name) => nodeOf(name) ?? []);
  return withPodGpus(pricesOfPods(hosts, priceOf, base), template, known.map(nodeGpus));
}

const WHOLE_DEVICES = { memoryMib: undefined, unit: 1 };

/** The prices of pods of this template: the mean of what each holds on its node; whole devices where no node is known. */
export function withPodGpus(
  prices: ResourcePrices,
  template: PodSpec | undefined,
  nodes: readonly NodeGpus[] = [],
): ResourcePrices {
  const holds = (nodes.length > 0 ? nodes : [WHOLE_DEVICES]).map((node) => podGpus(template, node));
  const gpusPerPod = holds.reduce((sum, gpus) => sum + gpus, 0) / holds.length;
  return gpusPerPod > 0 ? { ...prices, gpusPerPod } : prices;
}

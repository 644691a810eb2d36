/** What the price of a node depends on, from its object. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import { type CapacityLabel, capacityOf } from '../spot/capacity-label.ts';
import { nodeGpus } from './gpu-share.ts';

/** What one needs to know of a node to price it. */
export interface NodeFacts {
  readonly name: string;
  readonly instanceType: string | undefined;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** Whole GPUs or NPUs in the machine, however many sharers each may have. Absent: none. */
  readonly gpus?: number;
  /** What the vendor's feature discovery calls them, e.g. `NVIDIA-A100-SXM4-80GB`. */
  readonly gpuProduct?: string;
  /** `topology.kubernetes.io/zone`. */
  readonly zone?: string;
  /** `topology.kubernetes.io/region`. */
  readonly region?: string;
  /** True for a node that can be taken away. */
  readonly isSpot?: boolean;
}

/** `label` is one of the user's own that marks spot nodes; those of clouds are known. */
export function nodeFacts(node: Node, label?: CapacityLabel): NodeFacts {
  const { labels = {}, name = '' } = node.metadata ?? {};
  const amounts = node.status?.capacity ?? {};
  return {
    name,
    instanceType: labels['node.kubernetes.io/instance-type'] ?? labels['beta.kubernetes.io/instance-type'],
    cpuCores: unitsOf(amounts['cpu'] ?? 0, 'status.capacity.cpu'),
    memoryBytes: unitsOf(amounts['memory'] ?? 0, 'status.capacity.memory'),
    ...gpuFacts(node),
    ...placeOf(labels),
    isSpot: capacityOf(labels, label) === 'spot',
  };
}

function gpuFacts(node: Node): Pick<NodeFacts, 'gpus' | 'gpuProduct'> {
  const { devices, product } = nodeGpus(node);
  return devices > 0 ? { gpus: devices, ...(product === undefined ? {} : { gpuProduct: product }) } : {};
}

function placeOf(labels: Readonly<Record<string, string>>): Pick<NodeFacts, 'zone' | 'region'> {
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'];
  const region =
    labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'];
  return { ...(zone === undefined ? {} : { zone }), ...(region === undefined ? {} : { region }) };
}

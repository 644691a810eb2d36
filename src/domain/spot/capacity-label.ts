/**
 * Tells spot nodes from on-demand nodes by the labels that provisioners and clouds set.
 *
 * Sources: Karpenter well-known labels (karpenter.sh/docs/concepts/scheduling); EKS managed node groups (capacity
 * types); GKE Spot VMs (cloud.google.com/gke-spot on spot nodes only, gke-provisioning with a value on each); AKS
 * Spot node pools (scalesetpriority label and taint on spot nodes only); node.kubernetes.io/lifecycle as kOps and the
 * AWS node termination handler use it.
 */
import type { SpotProvider, SpotSpec } from '#apis/optimization.k8s.io/v1/spot-spec.ts';

export type Capacity = 'spot' | 'on-demand';

export interface CapacityLabel {
  readonly provider: SpotProvider;
  readonly key: string;
  readonly spot: readonly string[];
  /** Empty where on-demand nodes do not carry the label. */
  readonly onDemand: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** In order of preference, where several describe a cluster equally well. */
export const CAPACITY_LABELS: readonly CapacityLabel[] = [
  { provider: 'karpenter', key: 'karpenter.sh/capacity-type', spot: ['spot'], onDemand: ['on-demand', 'reserved'] },
  { provider: 'eks', key: 'eks.amazonaws.com/capacityType', spot: ['SPOT'], onDemand: ['ON_DEMAND', 'CAPACITY_BLOCK'] },
  { provider: 'gke', key: 'cloud.google.com/gke-provisioning', spot: ['spot', 'preemptible'], onDemand: ['standard'] },
  { provider: 'gke', key: 'cloud.google.com/gke-spot', spot: ['true'], onDemand: [] },
  { provider: 'aks', key: 'kubernetes.azure.com/scalesetpriority', spot: ['spot'], onDemand: ['regular'] },
  { provider: 'generic', key: 'node.kubernetes.io/lifecycle', spot: ['spot'], onDemand: ['normal', 'on-demand'] },
]; // prettier-ignore

/** The label that a spec names. */
export function customLabel({ key, spot, onDemand }: NonNullable<SpotSpec['nodeLabel']>): CapacityLabel {
  return {
    provider: 'generic',
    key,
    spot: [spot],
    onDemand: onDemand === undefined ? [] : [onDemand],
  };
}

/** What the label says of a node; undefined where it says nothing. */
export function capacityUnder(labels: Labels, label: CapacityLabel): Capacity | undefined {
  const value = labels[label.key];
  if (value === undefined) return undefined;
  if (label.spot.includes(value)) return 'spot';
  return label.onDemand.includes(value) ? 'on-demand' : undefined;
}

/** The kind of a node: spot where any known label says so. A node without any of them is on-demand. */
export function capacityOf(labels: Labels, custom?: CapacityLabel): Capacity {
  const known = custom === undefined ? CAPACITY_LABELS : [custom, ...CAPACITY_LABELS];
  return known.some((label) => capacityUnder(labels, label) === 'spot') ? 'spot' : 'on-demand';
}

/** The label that marks spot nodes here: the one that classes the most nodes; undefined where no node is spot. */
export function detectLabel(
  nodes: readonly { readonly labels: Labels }[],
  custom?: CapacityLabel,
): CapacityLabel | undefined {
  const known = custom === undefined ? CAPACITY_LABELS : [custom];
  const scored = known
    .filter((label) => nodes.some(({ labels }) => capacityUnder(labels, label) === 'spot'))
    .map((label) => ({
      label,
      classed: nodes.filter(({ labels }) => capacityUnder(labels, label) !== undefined).length,
    }));
  const most = Math.max(...scored.map(({ classed }) => classed));
  return scored.find(({ classed }) => classed === most)?.label;
}

/** What spot decisions read of a node: its kind, whether it can take pods, and signs that it is about to be taken away. */
import type { Node } from '#apis/kubernetes/builtin.ts';
import { tryParseQuantity, quantityToNumber } from '#apis/kubernetes/quantity.ts';
import type { ResourcePrices } from '../cost/resource-prices.ts';
import { MINUTE_MS } from '../units/duration.ts';
import { type Capacity, type CapacityLabel, capacityOf } from './capacity-label.ts';
import type { Taint } from './node-match.ts';

export interface SpotNode {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly capacity: Capacity;
  /** Takes new pods. */
  readonly usable: boolean;
  /** Why it counts as interrupted; undefined where all is well. */
  readonly trouble: string | undefined;
  /** What pods may ask for in all, in cores, bytes or pieces. */
  readonly allocatable: Readonly<Record<string, number>>;
  /** Unit prices of its kind of capacity; undefined where that is not listed. */
  readonly prices: ResourcePrices | undefined;
}

/**
 * Taints that announce or follow the loss of a node: AWS node termination handler, Karpenter (v1 and before), GKE's
 * graceful shutdown, the cloud controller manager, and the node life cycle of Kubernetes itself.
 */
const INTERRUPTION_TAINTS: readonly string[] = [
  'aws-node-termination-handler/spot-itn',
  'aws-node-termination-handler/rebalance-recommendation',
  'aws-node-termination-handler/asg-lifecycle-termination',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
  'cloud.google.com/impending-node-termination',
  'node.cloudprovider.kubernetes.io/shutdown',
  'node.kubernetes.io/out-of-service',
  'node.kubernetes.io/unreachable',
];

/** Conditions by which AKS announces that a spot machine is about to go (node problem detector). */
const INTERRUPTION_CONDITIONS: readonly string[] = ['PreemptScheduled', 'TerminateScheduled'];

/** A kubelet may be late once; the node life cycle taints after 40 seconds, pods leave after five minutes. */
const NOT_READY_GRACE_MS = MINUTE_MS;

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

function conditionsOf(node: Node): readonly NodeCondition[] {
  return node.status?.conditions ?? [];
}

/** Why a node counts as interrupted; undefined where nothing says so. */
export function interruptionOf(node: Node, nowMs: number): string | undefined {
  if (node.metadata?.deletionTimestamp !== undefined) return 'being deleted';
  const taint = (node.spec?.taints ?? []).find(({ key }) => INTERRUPTION_TAINTS.includes(key));
  if (taint !== undefined) return `taint ${taint.key}`;
  const notice = conditionsOf(node).find(
    ({ type, status }) => INTERRUPTION_CONDITIONS.includes(type) && status === 'True',
  );
  return notice === undefined ? silence(node, nowMs) : `condition ${notice.type}`;
}

function silence(node: Node, nowMs: number): string | undefined {
  const ready = conditionsOf(node).find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status === 'True') return undefined;
  return nowMs - Date.parse(ready.lastTransitionTime ?? '') > NOT_READY_GRACE_MS ? 'not ready' : undefined;
}

function takesPods(node: Node, nowMs: number): boolean {
  const isReady = conditionsOf(node).some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady && node.spec?.unschedulable !== true && interruptionOf(node, nowMs) === undefined;
}

export interface SpotNodeContext {
  readonly nowMs: number;
  readonly label: CapacityLabel | undefined;
  readonly pricesOf: (node: Node) => ResourcePrices | undefined;
}

export function readSpotNode(node: Node, { nowMs, label, pricesOf }: SpotNodeContext): SpotNode {
  const { name = '', uid = '', labels = {} } = node.metadata ?? {};
  return {
    name,
    uid,
    labels,
    taints: node.spec?.taints ?? [],
    capacity: capacityOf(labels, label),
    usable: takesPods(node, nowMs),
    trouble: interruptionOf(node, nowMs),
    allocatable: amounts(node.status?.allocatable ?? {}),
    prices: pricesOf(node),
  };
}

function amounts(quantities: Readonly<Record<string, string>>): Record<string, number> {
  const known = Object.entries(quantities).flatMap(([name, text]) => {
    const quantity = tryParseQuantity(text);
    return quantity === undefined ? [] : [[name, quantityToNumber(quantity)] as const];
  });
  return Object.fromEntries(known);
}

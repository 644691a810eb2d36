/** Which nodes a pod can run on, and the kube-scheduler's words for why not on the others. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { labelsOf, nameOf } from '../meta.ts';
import { type Amounts, podRequests } from '../resources.ts';
import { matchesNodeWishes, toleratesTaint } from '../selectors.ts';
import type { NodeInfo } from './cluster-snapshot.ts';
import { satisfiesAffinity, satisfiesAntiAffinity, satisfiesSpread } from './pod-topology.ts';

/** A pod that looks for a node, with what is worked out once for all nodes. */
export interface Candidate {
  readonly pod: Pod;
  readonly requests: Amounts;
}

export function candidateOf(pod: Pod): Candidate {
  return { pod, requests: podRequests(pod) };
}

type Filter = (candidate: Candidate, info: NodeInfo, infos: readonly NodeInfo[]) => readonly string[];

const TOLERANCE = 1e-9;
const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const isSchedulable: Filter = ({ pod }, { node }) =>
  node.spec?.unschedulable === true && !toleratesTaint(pod.spec?.tolerations, UNSCHEDULABLE_TAINT)
    ? ['node(s) were unschedulable']
    : [];

const toleratesTaints: Filter = ({ pod }, { node }) => {
  const taint = (node.spec?.taints ?? []).find(
    (candidate) =>
      candidate.effect !== 'PreferNoSchedule' && !toleratesTaint(pod.spec?.tolerations, candidate),
  );
  return taint === undefined ? [] : [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
};

const matchesNode: Filter = ({ pod }, { node }) =>
  matchesNodeWishes(pod.spec, labelsOf(node), nameOf(node))
    ? []
    : ["node(s) didn't match Pod's node affinity/selector"];

const hasRoom: Filter = ({ requests }, info) => {
  const reasons = info.pods.size + 1 > (info.allocatable['pods'] ?? Infinity) ? ['Too many pods'] : [];
  for (const [resource, amount] of Object.entries(requests)) {
    const free = (info.allocatable[resource] ?? 0) - (info.requested[resource] ?? 0);
    if (amount > 0 && amount > free + TOLERANCE) reasons.push(`Insufficient ${resource}`);
  }
  return reasons;
};

const isSpread: Filter = ({ pod }, info, infos) =>
  satisfiesSpread(pod, info, infos) ? [] : ["node(s) didn't match pod topology spread constraints"];

const isNearFriends: Filter = ({ pod }, info, infos) =>
  satisfiesAffinity(pod, info, infos) ? [] : ["node(s) didn't match pod affinity rules"];

const isFarFromFoes: Filter = ({ pod }, info, infos) =>
  satisfiesAntiAffinity(pod, info, infos) ? [] : ["node(s) didn't match pod anti-affinity rules"];

/** In the order of the default plugins: the first that refuses gives the reason. */
const FILTERS: readonly Filter[] = [
  isSchedulable,
  toleratesTaints,
  matchesNode,
  hasRoom,
  isSpread,
  isNearFriends,
  isFarFromFoes,
];

/** Why the node cannot take the pod; empty where it can. */
export function refusals(
  candidate: Candidate,
  info: NodeInfo,
  infos: readonly NodeInfo[],
): readonly string[] {
  for (const filter of FILTERS) {
    const reasons = filter(candidate, info, infos);
    if (reasons.length > 0) return reasons;
  }
  return [];
}

/** The message of FailedScheduling: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function failureMessage(refused: readonly (readonly string[])[]): string {
  const total = refused.length;
  if (total === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const reason of refused.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort().join(', '); // prettier-ignore
  const helpless = refused.filter((reasons) => !reasons.some(isMendable)).length;
  const parts = [
    helpless === 0 ? undefined : `${helpless} Preemption is not helpful for scheduling`,
    helpless === total ? undefined : `${total - helpless} No preemption victims found for incoming pod`,
  ].filter((part) => part !== undefined);
  return `0/${total} nodes are available: ${list}. preemption: 0/${total} nodes are available: ${parts.join(', ')}.`;
}

/** What evicting others could mend. */
function isMendable(reason: string): boolean {
  return reason.startsWith('Insufficient') || reason === 'Too many pods';
}

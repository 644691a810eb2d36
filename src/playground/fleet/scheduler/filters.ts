/** Which nodes a pod can run on, and the kube-scheduler's words for why not on the others. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { labelsOf, nameOf } from '../meta.ts';
import { type Amounts, podRequests } from '../resources.ts';
import { matchesNodeWishes, toleratesTaint } from '../selectors.ts';
import type { NodeInfo } from './node-info.ts';
import { satisfiesAffinity, satisfiesAntiAffinity, satisfiesSpread } from './pod-topology.ts';

/** A pod that looks for a node, with what is worked out once for all nodes. */
export interface Candidate {
  readonly pod: Pod;
  readonly requests: Amounts;
}

export function candidateOf(pod: Pod): Candidate {
  return { pod, requests: podRequests(pod) };
}

/** Why a node cannot take a pod. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** Whether the end of other pods could change it. */
  readonly isMendable: boolean;
}

type Filter = (candidate: Candidate, info: NodeInfo, infos: readonly NodeInfo[]) => Refusal | undefined;

function never(...reasons: readonly string[]): Refusal {
  return { reasons, isMendable: false };
}

function notYet(...reasons: readonly string[]): Refusal {
  return { reasons, isMendable: true };
}

const TOLERANCE = 1e-9;
const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

const isSchedulable: Filter = ({ pod }, { node }) =>
  node.spec?.unschedulable === true && !toleratesTaint(pod.spec?.tolerations, UNSCHEDULABLE_TAINT)
    ? never('node(s) were unschedulable')
    : undefined;

const toleratesTaints: Filter = ({ pod }, { node }) => {
  const taint = (node.spec?.taints ?? []).find(
    (candidate) =>
      candidate.effect !== 'PreferNoSchedule' && !toleratesTaint(pod.spec?.tolerations, candidate),
  );
  return taint && never(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
};

const matchesNode: Filter = ({ pod }, { node }) =>
  matchesNodeWishes(pod.spec, labelsOf(node), nameOf(node))
    ? undefined
    : never("node(s) didn't match Pod's node affinity/selector");

const hasRoom: Filter = ({ requests }, info) => {
  const reasons = info.pods.size + 1 > (info.allocatable['pods'] ?? Infinity) ? ['Too many pods'] : [];
  let isMendable = true;
  for (const [resource, amount] of Object.entries(requests)) {
    const total = info.allocatable[resource] ?? 0;
    const free = total - (info.requested[resource] ?? 0);
    if (amount <= 0 || amount <= free + TOLERANCE) continue;
    reasons.push(`Insufficient ${resource}`);
    isMendable &&= amount <= total + TOLERANCE;
  }
  return reasons.length === 0 ? undefined : { reasons, isMendable };
};

const isSpread: Filter = ({ pod }, info, infos) =>
  satisfiesSpread(pod, info, infos)
    ? undefined
    : notYet("node(s) didn't match pod topology spread constraints");

const isNearFriends: Filter = ({ pod }, info, infos) =>
  satisfiesAffinity(pod, info, infos) ? undefined : never("node(s) didn't match pod affinity rules");

const isFarFromFoes: Filter = ({ pod }, info, infos) =>
  satisfiesAntiAffinity(pod, info, infos)
    ? undefined
    : notYet("node(s) didn't match pod anti-affinity rules");

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

/** Why the node cannot take the pod; undefined where it can. */
export function refusalOf(
  candidate: Candidate,
  info: NodeInfo,
  infos: readonly NodeInfo[],
): Refusal | undefined {
  for (const filter of FILTERS) {
    const refusal = filter(candidate, info, infos);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The message of FailedScheduling, as kube-scheduler 1.36 words it. */
export function failureMessage(refused: readonly Refusal[]): string {
  const total = refused.length;
  if (total === 0) return 'no nodes available to schedule pods';
  const reasons = histogram(refused.flatMap((refusal) => refusal.reasons));
  const preemption = histogram(
    refused.map((refusal) => (refusal.isMendable ? NO_VICTIMS : 'Preemption is not helpful for scheduling')),
  );
  const available = `0/${total} nodes are available`;
  return `${available}: ${reasons}. no new claims to deallocate, preemption: ${available}: ${preemption}.`;
}

const NO_VICTIMS = 'No preemption victims found for incoming pod';

/** `1 Insufficient cpu, 2 node(s) were unschedulable`, in the order of the texts. */
function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return parts.sort().join(', ');
}

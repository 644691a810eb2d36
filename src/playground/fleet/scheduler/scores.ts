/** Which of the possible nodes suits a pod best: the default plugins of kube-scheduler, with their weights. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { labelsOf, nameOf } from '../meta.ts';
import { matchesNodeTerm, toleratesTaint } from '../selectors.ts';
import type { NodeInfo } from './node-info.ts';
import type { Candidate } from './filters.ts';
import { type AffinityTerm, countByDomain, domainOf, isMeant } from './pod-topology.ts';

/** One value per node, any scale: it is normalised to 0–1 unless it is said to be so already. */
type Scorer = (
  candidate: Candidate,
  infos: readonly NodeInfo[],
  all: readonly NodeInfo[],
) => readonly number[];

const ZONE = 'topology.kubernetes.io/zone';

function usedShares({ requests }: Candidate, info: NodeInfo): readonly number[] {
  return ['cpu', 'memory'].map((resource) => {
    const total = info.allocatable[resource] ?? 0;
    return total === 0
      ? 1
      : Math.min(1, ((info.requested[resource] ?? 0) + (requests[resource] ?? 0)) / total);
  });
}

/** NodeResourcesFit with LeastAllocated: the emptier, the better. */
const leastAllocated: Scorer = (candidate, infos) =>
  infos.map((info) => {
    const shares = usedShares(candidate, info);
    return 1 - shares.reduce((sum, share) => sum + share, 0) / shares.length;
  });

/** NodeResourcesBalancedAllocation: CPU and memory fill up together. */
const balanced: Scorer = (candidate, infos) =>
  infos.map((info) => {
    const [cpu = 0, memory = 0] = usedShares(candidate, info);
    return 1 - Math.abs(cpu - memory) / 2;
  });

/**
 * PodTopologySpread by its defaults: few pods of the same owner on the node and in the zone. As in the real plugin,
 * the defaults hold only for pods without constraints of their own.
 */
const ownerSpread: Scorer = ({ pod }, infos, all) => {
  const owner = controllerOf(pod)?.uid;
  const hasOwn = (pod.spec?.topologySpreadConstraints ?? []).length > 0;
  if (owner === undefined || hasOwn) return infos.map(() => 0);
  const byNode = new Map<NodeInfo, number>();
  const byZone = new Map<string | undefined, number>();
  for (const info of all) {
    const zone = domainOf(info, ZONE);
    const count = info.owners.get(owner) ?? 0;
    byNode.set(info, count);
    byZone.set(zone, (byZone.get(zone) ?? 0) + count);
  }
  const crowd = (info: NodeInfo): number =>
    (byNode.get(info) ?? 0) + 0.5 * (byZone.get(domainOf(info, ZONE)) ?? 0);
  return normalised(infos.map((info) => -crowd(info)));
};

/** The spread constraints that may be broken. */
const softSpread: Scorer = ({ pod }, infos, all) => {
  const constraints = (pod.spec?.topologySpreadConstraints ?? []).filter(
    (constraint) => constraint.whenUnsatisfiable === 'ScheduleAnyway',
  );
  const counts = constraints.map((constraint) => countByDomain(pod, constraint, all));
  const crowd = (info: NodeInfo): number =>
    constraints.reduce((sum, constraint, index) => {
      const domain = domainOf(info, constraint.topologyKey);
      return sum + (domain === undefined ? 0 : (counts[index]?.get(domain) ?? 0));
    }, 0);
  return normalised(infos.map((info) => -crowd(info)));
};

const preferredNodes: Scorer = ({ pod }, infos) => {
  const terms = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return normalised(
    infos.map((info) =>
      terms.reduce((sum, { preference, weight }) => {
        return matchesNodeTerm(preference, labelsOf(info.node), nameOf(info.node)) ? sum + weight : sum;
      }, 0),
    ),
  );
};

const preferredTaints: Scorer = ({ pod }, infos) =>
  normalised(
    infos.map((info) => {
      const taints = (info.node.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule');
      return -taints.filter((taint) => !toleratesTaint(pod.spec?.tolerations, taint)).length;
    }),
  );

const preferredPods: Scorer = ({ pod }, infos, all) => {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const wishes = [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((wish) => ({
      ...wish,
      sign: 1,
    })),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((wish) => ({
      ...wish,
      sign: -1,
    })),
  ];
  return normalised(
    infos.map((info) =>
      wishes.reduce((sum, { podAffinityTerm, weight, sign }) => {
        return sum + sign * weight * countMeant({ term: podAffinityTerm, pod, info }, all);
      }, 0),
    ),
  );
};

function countMeant(
  { term, pod, info }: { readonly term: AffinityTerm; readonly pod: Pod; readonly info: NodeInfo },
  all: readonly NodeInfo[],
): number {
  const domain = domainOf(info, term.topologyKey);
  if (domain === undefined) return 0;
  return all
    .filter((other) => domainOf(other, term.topologyKey) === domain)
    .reduce(
      (sum, other) => sum + [...other.pods.values()].filter((each) => isMeant(term, pod, each)).length,
      0,
    );
}

const SCORERS: readonly (readonly [weight: number, scorer: Scorer])[] = [
  [1, leastAllocated],
  [1, balanced],
  [2, ownerSpread],
  [2, softSpread],
  [2, preferredNodes],
  [3, preferredTaints],
  [2, preferredPods],
];

/** Scales to 0–1; where all are equal, all are 0. */
function normalised(values: readonly number[]): readonly number[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return values.map((value) => (high > low ? (value - low) / (high - low) : 0));
}

/** One score per node; the highest is best. */
export function scoresOf(
  candidate: Candidate,
  infos: readonly NodeInfo[],
  all: readonly NodeInfo[],
): readonly number[] {
  const totals = infos.map(() => 0);
  for (const [weight, scorer] of SCORERS) {
    scorer(candidate, infos, all).forEach((value, index) => {
      totals[index] = (totals[index] ?? 0) + weight * value;
    });
  }
  return totals;
}

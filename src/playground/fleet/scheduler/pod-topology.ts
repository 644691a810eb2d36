/** Rules about which pods may or must share a topology domain: spread constraints and pod (anti-)affinity. */
import type { Pod, PodSpec } from '#apis/kubernetes/builtin.ts';
import { labelsOf, namespaceOf } from '../meta.ts';
import { matchesNodeWishes, matchesSelector, toleratesTaint } from '../selectors.ts';
import type { NodeInfo } from './node-info.ts';

type PodAffinity = NonNullable<NonNullable<PodSpec['affinity']>['podAffinity']>;
export type AffinityTerm = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type SpreadConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

export function domainOf(info: NodeInfo, key: string): string | undefined {
  return labelsOf(info.node)[key];
}

/** Whether `other` is one of the pods that the term of `pod` speaks of. */
export function isMeant(term: AffinityTerm, pod: Pod, other: Pod): boolean {
  const namespaces = term.namespaces ?? [];
  const isInScope =
    term.namespaceSelector !== undefined ||
    (namespaces.length > 0 ? namespaces : [namespaceOf(pod)]).includes(namespaceOf(other));
  return isInScope && matchesSelector(term.labelSelector, labelsOf(other));
}

function hasMeant(infos: readonly NodeInfo[], isOne: (other: Pod) => boolean): boolean {
  return infos.some((info) => [...info.pods.values()].some(isOne));
}

function sameDomain(infos: readonly NodeInfo[], info: NodeInfo, key: string): readonly NodeInfo[] {
  const domain = domainOf(info, key);
  return domain === undefined ? [] : infos.filter((candidate) => domainOf(candidate, key) === domain);
}

/** Required pod affinity; the first pod of a group that wants to be with itself may go anywhere. */
export function satisfiesAffinity(pod: Pod, info: NodeInfo, infos: readonly NodeInfo[]): boolean {
  const terms = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.every((term) => {
    if (hasMeant(sameDomain(infos, info, term.topologyKey), (other) => isMeant(term, pod, other)))
      return true;
    const isFirst = !hasMeant(infos, (other) => isMeant(term, pod, other)) && isMeant(term, pod, pod);
    return isFirst && domainOf(info, term.topologyKey) !== undefined;
  });
}

/** Required pod anti-affinity, of the pod against those that run and of those against the pod. */
export function satisfiesAntiAffinity(pod: Pod, info: NodeInfo, infos: readonly NodeInfo[]): boolean {
  const own = antiAffinityTerms(pod);
  const isAgainst = own.some((term) =>
    hasMeant(sameDomain(infos, info, term.topologyKey), (other) => isMeant(term, pod, other)),
  );
  if (isAgainst) return false;
  return !infos.some((elsewhere) =>
    [...elsewhere.choosy.values()].some((other) =>
      antiAffinityTerms(other).some(
        (term) =>
          domainOf(elsewhere, term.topologyKey) !== undefined &&
          domainOf(elsewhere, term.topologyKey) === domainOf(info, term.topologyKey) &&
          isMeant(term, other, pod),
      ),
    ),
  );
}

export function antiAffinityTerms(pod: Pod): readonly AffinityTerm[] {
  return pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** Required spread constraints: one more pod here must not make the skew too large. */
export function satisfiesSpread(pod: Pod, info: NodeInfo, infos: readonly NodeInfo[]): boolean {
  const constraints = (pod.spec?.topologySpreadConstraints ?? []).filter(
    (constraint) => constraint.whenUnsatisfiable === 'DoNotSchedule',
  );
  return constraints.every((constraint) => {
    const domain = domainOf(info, constraint.topologyKey);
    if (domain === undefined) return false;
    const counts = countByDomain(pod, constraint, infos);
    const fewest = Math.min(...counts.values());
    return (counts.get(domain) ?? 0) + 1 - fewest <= constraint.maxSkew;
  });
}

/** How many of the pods that the constraint speaks of each domain holds, over the nodes that the pod may use. */
export function countByDomain(
  pod: Pod,
  constraint: SpreadConstraint,
  infos: readonly NodeInfo[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const info of infos) {
    const domain = domainOf(info, constraint.topologyKey);
    if (domain === undefined || !isCounted(pod, constraint, info)) continue;
    const here = [...info.pods.values()].filter((other) => isSpread(pod, constraint, other));
    counts.set(domain, (counts.get(domain) ?? 0) + here.length);
  }
  return counts;
}

/** Nodes that the pod may not use have no domain of their own: by its wishes, and by taints where the policy says so. */
function isCounted(pod: Pod, { nodeTaintsPolicy }: SpreadConstraint, { node }: NodeInfo): boolean {
  if (!matchesNodeWishes(pod.spec, labelsOf(node), node.metadata?.name ?? '')) return false;
  if (nodeTaintsPolicy !== 'Honor') return true;
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return taints.every((taint) => toleratesTaint(pod.spec?.tolerations, taint));
}

/** One of the pods that the constraint spreads: of the selector, and of the same revision where labels say so. */
function isSpread(pod: Pod, { labelSelector, matchLabelKeys = [] }: SpreadConstraint, other: Pod): boolean {
  const [own, labels] = [labelsOf(pod), labelsOf(other)];
  return (
    other.metadata?.deletionTimestamp === undefined &&
    namespaceOf(other) === namespaceOf(pod) &&
    matchesSelector(labelSelector, labels) &&
    matchLabelKeys.every((key) => !(key in own) || own[key] === labels[key])
  );
}

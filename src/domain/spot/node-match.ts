/** Whether a node suits a pod template, by kube-scheduler's rules for selectors, required affinity and taints. */
import type { Node, PodSpec } from '#apis/kubernetes/builtin.ts';
import { meetsNodeRequirement } from '#apis/kubernetes/label-selector.ts';

export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Toleration = NonNullable<PodSpec['tolerations']>[number];
type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
type Required = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>;
type Term = Required['nodeSelectorTerms'][number];
type Labels = Readonly<Record<string, string>>;

/** A node as pods see it. */
export interface Place {
  readonly name: string;
  readonly labels: Labels;
}

/** True where the node has what the template requires by selector and by affinity. */
export function suits(place: Place, spec: PodSpec | undefined): boolean {
  const selected = Object.entries(spec?.nodeSelector ?? {}).every(
    ([key, value]) => place.labels[key] === value,
  );
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    selected && (required === undefined || required.nodeSelectorTerms.some((term) => matches(place, term)))
  );
}

/** An empty term matches nothing. */
function matches(place: Place, { matchExpressions = [], matchFields = [] }: Term): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) =>
      meetsNodeRequirement(place.labels[requirement.key], requirement),
    ) && matchFields.every((requirement) => meetsNodeRequirement(place.name, requirement))
  );
}

/** The taints that keep the pods of the template away. */
export function repellingTaints(taints: readonly Taint[], spec: PodSpec | undefined): Taint[] {
  const tolerations = spec?.tolerations ?? [];
  return taints.filter(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  if (toleration.key === undefined) return toleration.operator === 'Exists';
  if (toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

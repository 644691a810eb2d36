/** Label selectors and node selectors, as the API server and the scheduler match them. */
import type { LabelSelector, PodSpec } from '#apis/kubernetes/builtin.ts';
import { meetsNodeRequirement } from '#apis/kubernetes/label-selector.ts';

type Labels = Readonly<Record<string, string>>;
type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
type NodeSelector = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>;
export type NodeSelectorTerm = NodeSelector['nodeSelectorTerms'][number];

/** An empty selector matches everything, an absent one nothing. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  return (
    matchesLabels(selector.matchLabels ?? {}, labels) &&
    (selector.matchExpressions ?? []).every((requirement) =>
      meetsNodeRequirement(labels[requirement.key], requirement),
    )
  );
}

/** Whether all of `wanted` are among `labels`. */
export function matchesLabels(wanted: Labels, labels: Labels): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

/** A term holds where all its parts do; one without parts holds nowhere. */
export function matchesNodeTerm(term: NodeSelectorTerm, labels: Labels, nodeName: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  const named: Labels = { 'metadata.name': nodeName };
  return (
    expressions.every((requirement) => meetsNodeRequirement(labels[requirement.key], requirement)) &&
    fields.every((requirement) => meetsNodeRequirement(named[requirement.key], requirement))
  );
}

/** Whether the node satisfies the pod's nodeSelector and required node affinity. */
export function matchesNodeWishes(spec: PodSpec | undefined, labels: Labels, nodeName: string): boolean {
  if (!matchesLabels(spec?.nodeSelector ?? {}, labels)) return false;
  const terms =
    spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesNodeTerm(term, labels, nodeName));
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Whether one of the pod's tolerations tolerates the taint. */
export function toleratesTaint(tolerations: PodSpec['tolerations'], taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => {
    if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect)
      return false;
    const isAnyKey = toleration.key === undefined || toleration.key === '';
    if (toleration.operator === 'Exists') return isAnyKey || toleration.key === taint.key;
    return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
  });
}

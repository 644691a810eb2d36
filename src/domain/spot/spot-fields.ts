/** The rule for a split as fields of a pod template, and back. */
import type { LabelSelector, PodSpec } from '#apis/kubernetes/builtin.ts';
import { canonicalJson } from '../change/canonical-json.ts';
import { type FieldMap, type FieldPath, placementPath } from '../change/field.ts';
import type { CapacityLabel } from './capacity-label.ts';
import type { SplitRule } from './split.ts';

/** Above every wish of others: the spot price is what the workload is moved for. */
const WEIGHT = 100;

/** What the constraint needs to know of the workload. */
export interface SpreadScope {
  readonly selector: LabelSelector | undefined;
  /** The label by which revisions of the workload differ: old pods must not count in a rollout. */
  readonly revisionLabel: string;
}

export function preferencePath(label: CapacityLabel): FieldPath {
  return placementPath({ part: 'preference', key: label.key });
}

export function spreadPath(label: CapacityLabel): FieldPath {
  return placementPath({ part: 'spread', key: label.key });
}

/** The fields of a rule. On-demand nodes may lack the label, so they are those that are not spot. */
export function ruleFields(rule: SplitRule, label: CapacityLabel, scope: SpreadScope): FieldMap {
  const operator = rule.prefer === 'spot' ? 'In' : 'NotIn';
  const preference = {
    weight: WEIGHT,
    preference: { matchExpressions: [{ key: label.key, operator, values: label.spot }] },
  };
  return {
    [preferencePath(label)]: canonicalJson(preference),
    [spreadPath(label)]:
      rule.maxSkew === undefined ? null : canonicalJson(spreadOf(rule.maxSkew, label, scope)),
  };
}

type SpreadConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

/** Tainted nodes that the pods may not use are not counted as an empty kind that must be filled first. */
function spreadOf(maxSkew: number, label: CapacityLabel, scope: SpreadScope): SpreadConstraint {
  return {
    maxSkew,
    topologyKey: label.key,
    whenUnsatisfiable: 'DoNotSchedule',
    ...(scope.selector === undefined ? {} : { labelSelector: scope.selector }),
    matchLabelKeys: [scope.revisionLabel],
    nodeTaintsPolicy: 'Honor',
  };
}

/** The rule that stands in the fields; undefined where they say nothing of ours. */
export function readRule(fields: FieldMap, label: CapacityLabel): SplitRule | undefined {
  const preference = fields[preferencePath(label)];
  if (typeof preference !== 'string') return undefined;
  const prefer = preference.includes('"operator":"NotIn"') ? 'on-demand' : 'spot';
  const spread = fields[spreadPath(label)];
  if (typeof spread !== 'string') return { prefer, maxSkew: undefined };
  return { prefer, maxSkew: (JSON.parse(spread) as SpreadConstraint).maxSkew };
}

/** The toleration of a taint that keeps ordinary pods off spot nodes. */
export function tolerationField(taint: {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}): FieldMap {
  const { key, value = '', effect } = taint;
  const toleration = {
    key,
    effect,
    ...(value === '' ? { operator: 'Exists' } : { operator: 'Equal', value }),
  };
  return { [placementPath({ part: 'toleration', key })]: canonicalJson(toleration) };
}

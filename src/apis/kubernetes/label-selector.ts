/** Label selectors (`matchLabels`, `matchExpressions`), and what node selectors add to them. */
import type { LabelSelector } from './builtin.ts';

type Labels = Readonly<Record<string, string>> | undefined;

interface Requirement {
  readonly operator: string;
  readonly values?: readonly string[];
}

/** True where the labels match. An empty selector matches everything, a missing one nothing (as in the API). */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every((requirement) =>
      meetsRequirement(labels?.[requirement.key], requirement),
    )
  );
}

/** Whether the value of a label, undefined where it is absent, meets a requirement of a label selector. */
export function meetsRequirement(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** The same for a node selector, which also compares numbers. */
export function meetsNodeRequirement(value: string | undefined, requirement: Requirement): boolean {
  const [bound] = requirement.values ?? [];
  if (requirement.operator === 'Gt') return Number(value) > Number(bound);
  if (requirement.operator === 'Lt') return Number(value) < Number(bound);
  return meetsRequirement(value, requirement);
}

/**
 * Conditions as kstatus reads them, so that `kubectl wait`, Argo CD and Flux understand our objects: `Ready` says
 * whether the object is what it asks for, `Reconciling` (only while true) that we are on the way, `Stalled` (only while
 * true) that we cannot get there without help.
 */
import { rfc3339 } from '#platform/clock.ts';

/** A condition as it stands in a status. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed. */
  readonly lastTransitionTime: string;
  /** The generation of the spec that this is about. */
  readonly observedGeneration?: number;
}

/** What a controller has found out. */
export interface Finding {
  readonly type: string;
  readonly status: Condition['status'];
  /** One word in CamelCase, for machines. */
  readonly reason: string;
  readonly message: string;
}

export interface Moment {
  readonly nowMs: number;
  readonly generation?: number | undefined;
}

/** The API server takes no more than this in a condition's message. */
const MAX_MESSAGE_CHARACTERS = 32_768;
const MAX_REASON_CHARACTERS = 1024;

/** The conditions with `finding` taken up: its time moves only when its status changes. Others stay as they are. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  finding: Finding,
  moment: Moment,
): readonly Condition[] {
  const standing = conditions ?? [];
  const before = standing.find(({ type }) => type === finding.type);
  const after = conditionOf(finding, before, moment);
  if (before === undefined) return [...standing, after];
  return standing.map((condition) => (condition === before ? after : condition));
}

function conditionOf(finding: Finding, before: Condition | undefined, moment: Moment): Condition {
  const { type, status, reason, message } = finding;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : rfc3339(moment.nowMs);
  return {
    type,
    status,
    reason: truncated(reason, MAX_REASON_CHARACTERS),
    message: truncated(message, MAX_MESSAGE_CHARACTERS),
    lastTransitionTime,
    ...(moment.generation === undefined ? {} : { observedGeneration: moment.generation }),
  };
}

/** The conditions without one of them. */
export function withoutCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): readonly Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** The object is what it asks for. */
export function ready(
  conditions: readonly Condition[] | undefined,
  found: Pick<Finding, 'reason' | 'message'>,
  moment: Moment,
): readonly Condition[] {
  const rest = withoutCondition(withoutCondition(conditions, 'Reconciling'), 'Stalled');
  return withCondition(rest, { type: 'Ready', status: 'True', ...found }, moment);
}

/** The object is on its way to what it asks for, or failing in a way that trying again may mend. */
export function reconciling(
  conditions: readonly Condition[] | undefined,
  found: Pick<Finding, 'reason' | 'message'>,
  moment: Moment,
): readonly Condition[] {
  const rest = withCondition(
    withoutCondition(conditions, 'Stalled'),
    { type: 'Ready', status: 'False', ...found },
    moment,
  );
  return withCondition(rest, { type: 'Reconciling', status: 'True', ...found }, moment);
}

/** The object cannot become what it asks for until somebody changes something. */
export function stalled(
  conditions: readonly Condition[] | undefined,
  found: Pick<Finding, 'reason' | 'message'>,
  moment: Moment,
): readonly Condition[] {
  const rest = withCondition(
    withoutCondition(conditions, 'Reconciling'),
    { type: 'Ready', status: 'False', ...found },
    moment,
  );
  return withCondition(rest, { type: 'Stalled', status: 'True', ...found }, moment);
}

/** The beginning of a text that is too long, marked as cut. */
export function truncated(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const cut = text.slice(0, maxCharacters - 1);
  // A surrogate pair is not cut in half.
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

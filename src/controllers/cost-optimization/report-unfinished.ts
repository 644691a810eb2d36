/** Pods that cannot have their original sizes back yet: the original stays stored as long, and it is said. */
import { MINUTE_MS } from '#domain/units/duration.ts';
import { findCondition } from '#runtime/conditions/conditions.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';

const TYPE = 'Restored';
const INCOMPLETE = 'RestoreIncomplete';
/** A resize takes a kubelet some seconds, a rollout its time: no warning before. */
const PATIENCE_MS = 2 * MINUTE_MS;
const SHOWN = 5;

export function reportUnfinished(o: Observation, draft: Draft, pods: readonly string[]): void {
  const more = pods.length > SHOWN ? ` and ${String(pods.length - SHOWN)} more` : '';
  const names = `${pods.slice(0, SHOWN).join(', ')}${more}`;
  const before = findCondition(o.optimization.status?.conditions, TYPE);
  const sinceMs = before?.status === 'False' ? Date.parse(before.lastTransitionTime) : o.nowMs;
  if (pods.length === 0 || o.nowMs - sinceMs < PATIENCE_MS) {
    draft.find({
      type: TYPE,
      status: 'False',
      reason: 'Restoring',
      message: `sizes are given back: ${names}`,
    });
    return;
  }
  const message =
    `pods do not get their original sizes back: ${names}. Delete them, their successors have the original sizes; ` +
    'or accept the sizes as they are (kcloud accept)';
  draft.find({ type: TYPE, status: 'False', reason: INCOMPLETE, message });
  if (before?.reason !== INCOMPLETE) draft.note('Warning', INCOMPLETE, message);
}

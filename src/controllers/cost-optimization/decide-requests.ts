/** Requests that a user makes by annotation: roll back, or accept. Each value is carried out once. */
import { rfc3339 } from '#platform/clock.ts';
import type { Draft } from './decision.ts';
import { beginRestore } from './decide-restoring.ts';
import { isScheduled } from './follow-schedule.ts';
import type { Observation } from './observation.ts';
import { markHandled, pendingRequest } from './requests.ts';
import { removeMarks } from './restore.ts';
import { hasOverlay } from './sizes.ts';

/** Carries out `rollback` and `accept`; `approve` is read where a recommendation waits for it. */
export function carryOutRequests(o: Observation, draft: Draft): boolean {
  return carryOutRollback(o, draft) || carryOutAccept(o, draft);
}

function carryOutRollback(o: Observation, draft: Draft): boolean {
  const request = pendingRequest(o, 'rollback');
  if (request === undefined) return false;
  markHandled(o, draft, 'rollback');
  if (o.entry === undefined) return false;
  beginRestore(o, draft, {
    reason: 'Manual',
    message: `asked for by annotation (${request})`,
    atMs: o.nowMs,
  });
  return true;
}

/**
 * Accepting makes the change permanent and forgets the original. Sizes that only running pods carry are first
 * moved into the template, which rolls the pods once.
 */
function carryOutAccept(o: Observation, draft: Draft): boolean {
  const { entry } = o;
  const waiting = pendingRequest(o, 'accept') !== undefined;
  if (waiting && entry !== undefined && isScheduled(entry)) {
    markHandled(o, draft, 'accept');
    draft.note('Warning', 'NotAccepted', 'a scaling plan has to be followed: it stays in force instead');
    return false;
  }
  if (!waiting || entry?.intent !== null || draft.status.phase !== 'Applied') return false;
  if (hasOverlay(entry)) {
    draft.set({
      phase: 'Applying',
      message: 'moving the accepted sizes into the template',
      applying: {
        id: `${entry.recommendationId}-accepted`,
        startedAt: rfc3339(o.nowMs),
        strategy: 'Rollout',
        monthlySavings: 0,
        fields: withoutNulls(entry.overlay),
      },
    });
    draft.again(0);
    return true;
  }
  markHandled(o, draft, 'accept');
  draft.act(...removeMarks(o), { kind: 'RemoveEntry' });
  draft.note('Normal', 'OptimizationAccepted', 'the change is permanent; its original is no longer kept');
  draft.drop('verification', 'currentRecommendation');
  draft.set({
    phase: 'Ready',
    message: 'accepted: the change is permanent',
    appliedOptimizations: 0,
    totalSavings: 0,
    savings: '0.00',
  });
  draft.again(0);
  return true;
}

function withoutNulls(
  fields: Readonly<Record<string, string | number | null>>,
): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [path, value] of Object.entries(fields)) if (value !== null) kept[path] = value;
  return kept;
}

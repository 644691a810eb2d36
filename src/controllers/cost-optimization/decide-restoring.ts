/** Rollback: recorded first, carried through, remembered, and only then forgotten by the store. */
import type { Regression } from '#apis/optimization.k8s.io/v1/status.ts';
import { displayChanges } from '#domain/change/display.ts';
import type { RollbackCause, RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { markHandled, pendingRequest } from './requests.ts';
import { type Restore, restoreActions } from './restore.ts';
import { reportUnfinished } from './report-unfinished.ts';
import { changesInForce, containerCount, floorsOf } from './regressions.ts';

const MAX_REGRESSIONS = 10;

/** Carries a recorded rollback through. */
export function decideRestoring(o: Observation, draft: Draft): boolean {
  const { entry } = o;
  if (entry?.restoring === undefined || entry.restoring === null) return false;
  restoreAndRemember(o, draft, { ...entry, restoring: entry.restoring });
  return true;
}

/** Begins a rollback: it is recorded before the first write, so that a crash cannot lose it. */
export function beginRestore(o: Observation, draft: Draft, cause: RollbackCause): void {
  const { entry } = o;
  if (entry === undefined) return;
  const recorded = { ...entry, restoring: cause };
  draft.act({ kind: 'SaveEntry', entry: recorded });
  restoreAndRemember(o, draft, recorded);
}

type RestoringEntry = RollbackEntry & { readonly restoring: RollbackCause };

function restoreAndRemember(o: Observation, draft: Draft, entry: RestoringEntry): void {
  const plan = restoreActions(o, entry, { leaveMarks: true });
  draft.act(...plan.actions);
  if (remembered(o, entry.restoring)) {
    letGo(o, draft, plan);
    return;
  }
  remember(o, draft, entry);
  if (plan.keptSummary !== '')
    draft.note('Warning', 'EditsKept', `left as others set them: ${plan.keptSummary}`);
  draft.again(0);
}

/**
 * Everything is recorded in the status: once nothing is left to undo, and pods have it, the original may go. A person who
 * accepts what some pods still carry need not wait for them.
 */
function letGo(o: Observation, draft: Draft, plan: Restore): void {
  const accepted = plan.unfinished.length > 0 && pendingRequest(o, 'accept') !== undefined;
  if (accepted) markHandled(o, draft, 'accept');
  if (accepted || (!plan.changed && plan.unfinished.length === 0)) {
    draft.act(accepted ? { kind: 'RemoveEntry' } : { kind: 'RemoveEntry', podSizes: plan.podSizes });
    draft.again(o.settings.analysisIntervalMs);
    return;
  }
  reportUnfinished(o, draft, plan.unfinished);
  draft.again(5_000);
}

function remembered(o: Observation, cause: RollbackCause): boolean {
  const { status } = o.optimization;
  return status?.phase === 'RolledBack' && status.lastRolledBack === rfc3339(cause.atMs);
}

function remember(o: Observation, draft: Draft, entry: RestoringEntry): void {
  const cause = entry.restoring;
  draft.count({ kind: 'rolledBack' });
  draft.note('Warning', 'OptimizationRolledBack', `${cause.reason}: ${cause.message}`);
  draft.drop('applying', 'verification', 'currentRecommendation');
  draft.set({
    phase: 'RolledBack',
    message: `rolled back (${cause.reason}): ${cause.message}`,
    lastRolledBack: rfc3339(cause.atMs),
    appliedOptimizations: 0,
    totalSavings: 0,
    savings: '0.00',
    regressions: [regressionOf(o, entry), ...(draft.status.regressions ?? [])].slice(0, MAX_REGRESSIONS),
  });
}

function regressionOf(o: Observation, entry: RestoringEntry): Regression {
  const cause = entry.restoring;
  const floors = floorsOf(entry, cause.reason);
  return {
    at: rfc3339(cause.atMs),
    id: entry.intent?.recommendationId ?? entry.recommendationId,
    reason: cause.reason,
    message: cause.message,
    generation: o.optimization.metadata.generation ?? 0,
    changes: displayChanges(changesInForce(entry), containerCount(o)),
    ...(Object.keys(floors).length > 0 ? { floors } : {}),
  };
}

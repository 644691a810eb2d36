/** Deletion: give the workload back as it was, whatever the phase, then let the object go. */
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { pendingRequest } from './requests.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { reportUnfinished } from './report-unfinished.ts';
import { removeMarks, type Restore, restoreActions } from './restore.ts';

/** Pods are looked at this often while they are given their sizes back. */
const POLL_MS = 2_000;

export function decideDeletion(o: Observation, draft: Draft): void {
  if (o.optimization.metadata.finalizers?.includes(FINALIZER) !== true) return;
  const { entry } = o;
  if (entry === undefined) withoutOriginal(o, draft);
  else if (!restored(o, draft, entry)) return;
  draft.act({ kind: 'RemoveFinalizer' });
  draft.note('Normal', 'OptimizationDeleted', `${describeWorkload(o.policy.target)} is no longer optimized`);
}

function withoutOriginal(o: Observation, draft: Draft): void {
  draft.act(...removeMarks(o));
  if (o.originalLost !== true) return;
  const message = `the original of ${describeWorkload(o.policy.target)} is stored nowhere any more; its sizes stay as they are`;
  draft.note('Warning', 'OriginalLost', message);
}

/** True once everything is given back, and the original may be forgotten with the object. */
function restored(o: Observation, draft: Draft, entry: RollbackEntry): boolean {
  const plan = restoreActions(o, entry, { leaveMarks: false });
  draft.act(...plan.actions);
  // What is to be told is told with the writes, once, however long pods take.
  if (plan.changed) {
    draft.count({ kind: 'rolledBack' });
    draft.note(
      'Normal',
      'OptimizationRolledBack',
      `${describeWorkload(entry.target)} was restored: ${plan.summary}`,
    );
  }
  if (plan.keptSummary !== '') {
    draft.note('Warning', 'EditsKept', `left as others set them: ${plan.keptSummary}`);
  }
  const accepted = pendingRequest(o, 'accept') !== undefined;
  if (plan.unfinished.length > 0 && !accepted) {
    waitForPods(o, draft, plan);
    return false;
  }
  draft.act(accepted ? { kind: 'RemoveEntry' } : { kind: 'RemoveEntry', podSizes: plan.podSizes });
  return true;
}

function waitForPods(o: Observation, draft: Draft, plan: Restore): void {
  reportUnfinished(o, draft, plan.unfinished);
  draft.drop('applying', 'verification', 'currentRecommendation');
  draft.set({
    phase: 'RolledBack',
    message: `being deleted: sizes are given back to ${String(plan.unfinished.length)} pods`,
    appliedOptimizations: 0,
    totalSavings: 0,
    savings: '0.00',
  });
  draft.again(POLL_MS);
}

/** Deletion: give the workload back as it was, whatever the phase, then let the object go. */
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { removeMarks, restoreActions } from './restore.ts';

export function decideDeletion(o: Observation, draft: Draft): void {
  if (o.optimization.metadata.finalizers?.includes(FINALIZER) !== true) return;
  const { entry } = o;
  if (entry === undefined) {
    draft.act(...removeMarks(o));
  } else {
    const plan = restoreActions(o, entry, { leaveMarks: false });
    draft.act(...plan.actions, { kind: 'RemoveEntry' });
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
  }
  draft.act({ kind: 'RemoveFinalizer' });
  draft.note('Normal', 'OptimizationDeleted', `${describeWorkload(o.policy.target)} is no longer optimized`);
}

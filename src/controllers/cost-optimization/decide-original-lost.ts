/**
 * The workload carries a change of ours, and what it was before is stored nowhere any more. Nothing is decided on it:
 * the changed sizes would be taken for the original. Only a person can say what is right.
 */
import { OPTIMIZED_BY } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { ORIGINAL_LOST } from './conditions.ts';
import { findCondition } from '#runtime/conditions/conditions.ts';
import { markHandled, pendingRequest } from './requests.ts';
import type { Draft } from './decision.ts';
import type { Observation } from './observation.ts';
import { removeMarks } from './restore.ts';

/** The removal of the mark is seen at once; this is for a watch that missed it. */
const LOOK_AGAIN_MS = 60_000;

export function decideOriginalLost(o: Observation, draft: Draft): boolean {
  if (o.originalLost !== true) return false;
  if (pendingRequest(o, 'accept') !== undefined) {
    draft.act(...removeMarks(o));
    markHandled(o, draft, 'accept');
    draft.note('Normal', 'OptimizationAccepted', 'the sizes as they are stay; their original is unknown');
    draft.drop('applying', 'verification', 'currentRecommendation');
    draft.set({
      phase: 'Ready',
      message: 'accepted: the sizes as they are stay',
      appliedOptimizations: 0,
      totalSavings: 0,
      savings: '0.00',
    });
    draft.again(0);
    return true;
  }
  const message = describeLoss(o);
  const told = findCondition(o.optimization.status?.conditions, 'Ready')?.reason === ORIGINAL_LOST;
  if (!told) {
    draft.note('Warning', ORIGINAL_LOST, message);
    draft.count({ kind: 'failed', reason: ORIGINAL_LOST });
  }
  draft.drop('applying', 'verification', 'currentRecommendation');
  // The change is in force for all that: only what it saves is unknown without its original.
  draft.set({ phase: 'Failed', message, totalSavings: 0, savings: '0.00' });
  draft.again(LOOK_AGAIN_MS);
  return true;
}

function describeLoss(o: Observation): string {
  const what = describeWorkload(o.policy.target);
  return (
    `${what} carries a change of this optimization, but its original is stored nowhere any more. Set the sizes that it ` +
    `should have and remove its annotation ${OPTIMIZED_BY}, or accept the sizes as they are (kcloud accept)`
  );
}

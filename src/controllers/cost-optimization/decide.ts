/**
 * Decides what to do about a CostOptimization: a pure function of what was observed. The first situation that
 * holds decides; each has a file of its own.
 */
import { decideApplying } from './decide-applying.ts';
import { decideApplied } from './decide-applied.ts';
import { decideAnalysis } from './decide-analysis.ts';
import { decideDeletion } from './decide-deletion.ts';
import { decideDisputed } from './decide-disputed.ts';
import { decideOriginalLost } from './decide-original-lost.ts';
import { carryOutRequests } from './decide-requests.ts';
import { decideRestoring } from './decide-restoring.ts';
import { decideSuccessor } from './decide-successor.ts';
import { type Decision, Draft } from './decision.ts';
import { withConditions } from './conditions.ts';
import type { Observation } from './observation.ts';
import { reportSpot } from './watch-spot.ts';
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';

/** Decides one situation into the draft; false where the situation does not hold. */
export type Step = (o: Observation, draft: Draft) => boolean;

const SITUATIONS: readonly (readonly [string, Step])[] = [
  ['a rollback under way is carried through', decideRestoring],
  ['an original that was lost is made good by a person', decideOriginalLost],
  ['a workload was replaced by another', decideSuccessor],
  ['a change that others have half undone is undone', decideDisputed],
  ['a request of the user is carried out', carryOutRequests],
  ['an apply under way is carried through', decideApplying],
  ['a change in force is watched', decideApplied],
  ['usage is analysed when it is due', decideAnalysis],
];

export function decide(o: Observation): Decision {
  const draft = new Draft(o.optimization);
  if (o.optimization.metadata.deletionTimestamp !== undefined) {
    decideDeletion(o, draft);
    draft.status = withConditions(draft.status, o, draft.findings);
    return draft.decide('deletion restores the workload');
  }
  introduce(o, draft);
  reportSpot(o, draft);
  const situation = SITUATIONS.find(([, step]) => step(o, draft));
  draft.status = withConditions(draft.status, o, draft.findings);
  return draft.decide(situation?.[0] ?? 'nothing is due');
}

/** The first sight of a CostOptimization: it gets its finalizer before anything else happens. */
function introduce(o: Observation, draft: Draft): void {
  const { metadata } = o.optimization;
  if (metadata.finalizers?.includes(FINALIZER) === true) return;
  draft.act({ kind: 'AddFinalizer' });
  draft.count({ kind: 'created' });
  draft.note('Normal', 'OptimizationCreated', `optimizing ${o.policy.type} of ${o.policy.target.name}`);
}

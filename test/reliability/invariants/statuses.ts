/** A status never lies: what it says is so at the moment at which it is written, by what is stored in the cluster. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimizationStatus, Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { isConditionTrue } from '#runtime/conditions/conditions.ts';
import type { Evidence, Invariant } from './invariant.ts';

interface Told {
  readonly status: CostOptimizationStatus;
  readonly phase: Phase;
  readonly entry: RollbackEntry | undefined;
  readonly leaving: boolean;
}

/** What a write tells; undefined where it is none of a status. */
function told({ write, records }: Evidence): Told | undefined {
  if (write.type !== COST_OPTIMIZATIONS || write.subresource !== 'status') return undefined;
  const optimization = write.after as CostOptimization | undefined;
  const status = optimization?.status;
  if (optimization === undefined || status?.phase === undefined) return undefined;
  const entry = records.of(targetOf(optimization))[optimization.metadata.uid ?? ''];
  const leaving = optimization.metadata.deletionTimestamp !== undefined;
  return { status, phase: status.phase, entry, leaving };
}

/** What is in force is counted, and what is counted is in force. */
export const countsWhatIsInForce: Invariant = (evidence) => {
  const found = told(evidence);
  if (found === undefined) return [];
  const { status, phase, entry } = found;
  const said = status.appliedOptimizations ?? 0;
  const stored = entry?.restoring === null ? entry.steps : 0;
  if (phase === 'Applied' && (said !== stored || stored === 0)) {
    return [`phase Applied with ${String(said)} changes, but ${String(stored)} are stored`];
  }
  const resting: readonly Phase[] = ['Pending', 'Analyzing', 'Ready'];
  if (resting.includes(phase) && stored > 0) {
    return [`phase ${phase}, but ${String(stored)} changes are stored as in force`];
  }
  return [];
};

/** Who says that it is rolled back has begun it for good. */
export const rollsBackWhatItSays: Invariant = (evidence) => {
  const found = told(evidence);
  // Who is being deleted is rolled back for good in any case.
  if (found?.phase !== 'RolledBack' || found.entry === undefined || found.leaving) return [];
  return found.entry.restoring === null ? ['phase RolledBack, but no rollback is stored as begun'] : [];
};

/** Exactly one of: it is what it should be, it is on its way, it is stuck. And the conditions say what the phase says. */
export const conditionsAgree: Invariant = (evidence) => {
  const found = told(evidence);
  if (found === undefined) return [];
  const { conditions } = found.status;
  const states = ['Ready', 'Reconciling', 'Stalled'].filter((type) => isConditionTrue(conditions, type));
  const stuck = found.phase === 'Failed';
  const problems = states.length === 1 ? [] : [`conditions say ${states.join(' and ') || 'nothing'}`];
  if (stuck !== states.includes('Stalled'))
    problems.push(`phase ${found.phase}, conditions say ${states.join()}`);
  const inForce = isConditionTrue(conditions, 'Applied');
  if (inForce && (found.status.appliedOptimizations ?? 0) === 0)
    problems.push('Applied is True, but nothing is');
  return problems;
};

export const EVERY_STATUS: readonly Invariant[] = [countsWhatIsInForce, rollsBackWhatItSays, conditionsAgree];

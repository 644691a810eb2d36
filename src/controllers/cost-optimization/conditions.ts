/** The conditions of a CostOptimization, derived from its status in one place (kstatus: Ready, Reconciling, Stalled). */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimizationStatus, Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import type { KcError } from '#errors/kc-error.ts';
import {
  type Condition,
  type Finding,
  findCondition,
  type Moment,
  ready,
  reconciling,
  stalled,
  withCondition,
  withoutCondition,
} from '#runtime/conditions/conditions.ts';
import type { Observation } from './observation.ts';

/** Conditions that are there only while a situation has something to say. */
const PASSING: readonly string[] = ['Restored', 'Contested'];

/** The status with its conditions and the generation it is about. */
export function withConditions(
  status: CostOptimizationStatus,
  o: Observation,
  more: readonly Finding[] = [],
): CostOptimizationStatus {
  const generation = o.optimization.metadata.generation ?? 0;
  const moment = { nowMs: o.nowMs, generation };
  const findings = [analyzed(status, o), applied(status), verified(status), ...more];
  const gone = PASSING.filter((type) => !more.some((finding) => finding.type === type));
  const basis = gone.reduce(withoutCondition, kstatus(status, o, moment));
  const conditions = findings.reduce((list, finding) => withCondition(list, finding, moment), basis);
  return { ...status, observedGeneration: generation, conditions: [...conditions] };
}

/** The status where no decision can be made: the spec or the stored original cannot be read. */
export function failedStatus(
  optimization: CostOptimization,
  error: KcError,
  nowMs: number,
): CostOptimizationStatus {
  const generation = optimization.metadata.generation ?? 0;
  const found = { reason: error.code, message: error.message };
  const conditions = stalled(optimization.status?.conditions, found, { nowMs, generation });
  return {
    ...optimization.status,
    phase: 'Failed',
    message: error.message,
    observedGeneration: generation,
    conditions: [...conditions],
  };
}

export const ORIGINAL_LOST = 'OriginalLost';

/** Phases in which something is still to come. */
const IN_PROGRESS: readonly Phase[] = ['Pending', 'Analyzing', 'Applying'];

function kstatus(status: CostOptimizationStatus, o: Observation, moment: Moment): readonly Condition[] {
  const phase = status.phase ?? 'Pending';
  const reason = o.originalLost === true ? ORIGINAL_LOST : phase;
  const found = { reason, message: status.message ?? '' };
  if (phase === 'Failed') return stalled(status.conditions, found, moment);
  const state = IN_PROGRESS.includes(phase) ? reconciling : ready;
  return state(status.conditions, found, moment);
}

function analyzed(status: CostOptimizationStatus, o: Observation): Finding {
  const type = 'Analyzed';
  if (o.analysis?.outcome === 'unknown') {
    return { type, status: 'Unknown', reason: o.analysis.reason, message: o.analysis.message };
  }
  if (o.analysis !== undefined) {
    return { type, status: 'True', reason: 'UsageKnown', message: `from ${o.analysis.quality.source}` };
  }
  const kept = findCondition(status.conditions, type);
  return kept ?? { type, status: 'Unknown', reason: 'NotAnalyzed', message: 'not analysed yet' };
}

function applied(status: CostOptimizationStatus): Finding {
  const type = 'Applied';
  const message = status.message ?? '';
  if (status.phase === 'Applying') return { type, status: 'Unknown', reason: 'Applying', message };
  const steps = status.appliedOptimizations ?? 0;
  if (steps > 0) return { type, status: 'True', reason: 'InForce', message: `${steps} changes are in force` };
  if (status.phase === 'RolledBack') return { type, status: 'False', reason: 'RolledBack', message };
  return { type, status: 'False', reason: 'NothingApplied', message: 'nothing was changed' };
}

function verified(status: CostOptimizationStatus): Finding {
  const type = 'Verified';
  const result = status.verification?.result;
  if (result === undefined) {
    return { type, status: 'Unknown', reason: 'NothingToVerify', message: 'nothing is in force' };
  }
  if (result === 'Passed') return { type, status: 'True', reason: result, message: 'no harm was seen' };
  const failed = result === 'Regressed';
  return { type, status: failed ? 'False' : 'Unknown', reason: result, message: status.message ?? '' };
}

/** The conditions of a CostOptimization, derived from its status in one place (kstatus: Ready, Reconciling, Stalled). */
import type { CostOptimizationStatus, Phase } from '#apis/optimization.k8s.io/v1/status.ts';
import { mergeConditions, type ConditionState } from '#runtime/conditions/conditions.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { KcError } from '#errors/kc-error.ts';
import type { Observation } from './observation.ts';

/** The status with its conditions and the generation it is about. */
export function withConditions(status: CostOptimizationStatus, o: Observation): CostOptimizationStatus {
  const observedGeneration = o.optimization.metadata.generation ?? 0;
  const states = [...kstatusConditions(status), analyzed(status, o), applied(status), verified(status)];
  const conditions = mergeConditions(status.conditions ?? [], states, { observedGeneration, nowMs: o.nowMs });
  return { ...status, observedGeneration, conditions };
}

/** The status where no decision can be made: the spec or the stored original cannot be read. */
export function failedStatus(
  optimization: CostOptimization,
  error: KcError,
  nowMs: number,
): CostOptimizationStatus {
  const message = error.message;
  const status = { ...optimization.status, phase: 'Failed' as const, message };
  const observedGeneration = optimization.metadata.generation ?? 0;
  const states = kstatusConditions(status).map((state) => ({ ...state, reason: error.code }));
  const conditions = mergeConditions(status.conditions ?? [], states, { observedGeneration, nowMs });
  return { ...status, observedGeneration, conditions };
}

/** Phases in which something is still to come, and those that a user has to look at. */
const IN_PROGRESS: readonly Phase[] = ['Pending', 'Analyzing', 'Applying'];

function kstatusConditions(status: CostOptimizationStatus): ConditionState[] {
  const phase = status.phase ?? 'Pending';
  const message = status.message ?? '';
  const failed = phase === 'Failed';
  const progressing = IN_PROGRESS.includes(phase);
  return [
    { type: 'Ready', status: failed || progressing ? 'False' : 'True', reason: phase, message },
    {
      type: 'Reconciling',
      status: progressing ? 'True' : 'False',
      reason: phase,
      message: progressing ? message : '',
    },
    { type: 'Stalled', status: failed ? 'True' : 'False', reason: phase, message: failed ? message : '' },
  ];
}

function analyzed(status: CostOptimizationStatus, o: Observation): ConditionState {
  const type = 'Analyzed';
  if (o.analysis?.outcome === 'unknown') {
    return { type, status: 'Unknown', reason: o.analysis.reason, message: o.analysis.message };
  }
  if (o.analysis !== undefined)
    return { type, status: 'True', reason: 'UsageKnown', message: `from ${o.analysis.quality.source}` };
  const kept = status.conditions?.find((condition) => condition.type === type);
  return kept ?? { type, status: 'Unknown', reason: 'NotAnalyzed', message: 'not analysed yet' };
}

function applied(status: CostOptimizationStatus): ConditionState {
  const type = 'Applied';
  if (status.phase === 'Applying')
    return { type, status: 'Unknown', reason: 'Applying', message: status.message ?? '' };
  const steps = status.appliedOptimizations ?? 0;
  if (steps > 0) return { type, status: 'True', reason: 'InForce', message: `${steps} changes are in force` };
  const rolledBack = status.phase === 'RolledBack';
  return {
    type,
    status: 'False',
    reason: rolledBack ? 'RolledBack' : 'NothingApplied',
    message: rolledBack ? (status.message ?? '') : 'nothing was changed',
  };
}

function verified(status: CostOptimizationStatus): ConditionState {
  const type = 'Verified';
  const result = status.verification?.result;
  if (result === undefined)
    return { type, status: 'Unknown', reason: 'NothingToVerify', message: 'nothing is in force' };
  const message = status.message ?? '';
  if (result === 'Passed') return { type, status: 'True', reason: result, message: 'no harm was seen' };
  return { type, status: result === 'Regressed' ? 'False' : 'Unknown', reason: result, message };
}

/**
 * The one place that says whether a change may begin. Every mover of KCloud (resize, scale, migrate, spot,
 * policy) asks here, so that they share one disruption budget and never fight each other.
 */
import { type WorkloadRef, workloadKey } from '../workload/workload-ref.ts';
import { approximateDuration } from '../units/duration.ts';

/** What a change does to running pods. */
export type Disruption = 'none' | 'restarts-pods' | 'removes-pods';

/** A change that is under way or under watch. */
export interface ActiveChange {
  /** Who makes it, e.g. `CostOptimization shop/optimize-web`. */
  readonly actor: string;
  readonly target: WorkloadRef;
  readonly disruption: Disruption;
}

export interface ChangeRequest {
  readonly actor: string;
  readonly target: WorkloadRef;
  readonly disruption: Disruption;
  /** When a change of this workload was last rolled back. */
  readonly lastRolledBackMs: number | undefined;
  readonly nowMs: number;
}

export interface DisruptionBudget {
  /** How many disruptive changes may be under way in the cluster at once. */
  readonly maxDisruptiveChanges: number;
  /** … and in one namespace. */
  readonly maxDisruptivePerNamespace: number;
  /** How long a workload rests after a rollback. */
  readonly rollbackCooldownMs: number;
}

export const DEFAULT_BUDGET: DisruptionBudget = {
  maxDisruptiveChanges: 10,
  maxDisruptivePerNamespace: 3,
  rollbackCooldownMs: 24 * 3_600_000,
};

export type Grant =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly reason: GrantRefusal;
      readonly message: string;
      readonly retryAfterMs: number;
    };

export type GrantRefusal = 'WorkloadBusy' | 'BudgetExhausted' | 'CoolingDown';

/** How soon to ask again where another change has to end first. */
const RETRY_MS = 30_000;

/** Says whether the requested change may begin beside those that are active. */
export function arbitrate(
  request: ChangeRequest,
  active: readonly ActiveChange[],
  budget: DisruptionBudget,
): Grant {
  const others = active.filter((change) => change.actor !== request.actor);
  const busy = others.find((change) => workloadKey(change.target) === workloadKey(request.target));
  if (busy !== undefined) {
    return refuse('WorkloadBusy', `${busy.actor} is changing the same workload`, RETRY_MS);
  }
  const restsUntil = (request.lastRolledBackMs ?? -Infinity) + budget.rollbackCooldownMs;
  if (request.nowMs < restsUntil) {
    const leftMs = restsUntil - request.nowMs;
    return refuse(
      'CoolingDown',
      `the workload rests ${approximateDuration(leftMs)} more after a rollback`,
      leftMs,
    );
  }
  return request.disruption === 'none' ? { granted: true } : withinBudget(request, others, budget);
}

function withinBudget(
  request: ChangeRequest,
  others: readonly ActiveChange[],
  budget: DisruptionBudget,
): Grant {
  const disruptive = others.filter((change) => change.disruption !== 'none');
  const near = disruptive.filter((change) => change.target.namespace === request.target.namespace);
  if (disruptive.length >= budget.maxDisruptiveChanges) {
    const limit = String(budget.maxDisruptiveChanges);
    return refuse('BudgetExhausted', `${limit} disruptive changes are under way, the most allowed`, RETRY_MS);
  }
  if (near.length >= budget.maxDisruptivePerNamespace) {
    const limit = String(budget.maxDisruptivePerNamespace);
    const place = request.target.namespace;
    return refuse('BudgetExhausted', `${limit} disruptive changes are under way in ${place}`, RETRY_MS);
  }
  return { granted: true };
}

function refuse(reason: GrantRefusal, message: string, retryAfterMs: number): Grant {
  return { granted: false, reason, message, retryAfterMs };
}

/** CostOptimization.spec.scaling, read once. */
import { type ScalingSpec, WEEKDAYS } from '#apis/optimization.k8s.io/v1/scaling-spec.ts';
import { KcError } from '#errors/kc-error.ts';
import type { PlanWindow } from './plan.ts';

export interface ScalingPolicy {
  /** An IANA name; UTC by default. */
  readonly timeZone: string;
  /** Empty where they are to be learned. */
  readonly windows: readonly PlanWindow[];
  readonly minReplicas: number | undefined;
  readonly maxReplicas: number | undefined;
}

/** Throws KC_WINDOW_INVALID, naming the field. The time zone is checked with the schedule that shares it. */
export function readScalingPolicy(spec: ScalingSpec | undefined, timeZone = 'UTC'): ScalingPolicy {
  const windows = (spec?.windows ?? []).map(({ days = WEEKDAYS, from, to, replicas }, index) => {
    const isEmpty = from === to || from === '24:00';
    if (isEmpty) {
      const field = `spec.scaling.windows[${String(index)}].from`;
      throw new KcError('KC_WINDOW_INVALID', {
        field,
        problem: `a window from ${from} to ${to} has no length`,
      });
    }
    return { days: WEEKDAYS.filter((day) => days.includes(day)), from, to, replicas };
  });
  assertBounds(spec);
  return { timeZone, windows, minReplicas: spec?.minReplicas, maxReplicas: spec?.maxReplicas };
}

function assertBounds({ minReplicas = 1, maxReplicas = Infinity }: ScalingSpec = {}): void {
  if (minReplicas <= maxReplicas) return;
  const problem = `${String(minReplicas)} is above maxReplicas ${String(maxReplicas)}`;
  throw new KcError('KC_WINDOW_INVALID', { field: 'spec.scaling.minReplicas', problem });
}

/** What is asked when a workload might be scaled by the clock. */
import type { FieldMap } from '../change/field.ts';
import type { ResourcePrices } from '../cost/resource-prices.ts';
import type { OptimizationPolicy } from '../policy/optimization-policy.ts';
import type { UsageQuery, WorkloadUsage } from '../usage/usage.ts';
import type { ScalingPlan } from './plan.ts';

/** The autoscaler whose lower bound is moved instead of the count. */
export interface ScalerBounds {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number | undefined;
}

export interface ScheduleQuestion {
  readonly usage: WorkloadUsage;
  readonly query: Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;
  readonly policy: OptimizationPolicy;
  /** Sizes in force. */
  readonly present: FieldMap;
  /** The owner's count (or the autoscaler's lower bound), as it is outside of windows. */
  readonly base: number;
  readonly scaler: ScalerBounds | undefined;
  readonly planInForce: ScalingPlan | undefined;
  /** A count that proved too low. */
  readonly floor: number | undefined;
  readonly prices: ResourcePrices;
}

/** Conditions and current metrics of a HorizontalPodAutoscaler. Pure. */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import { formatQuantity, quantityFromNumber } from '#apis/kubernetes/quantity.ts';
import { rfc3339 } from '#platform/clock.ts';

export type AutoscalerStatus = NonNullable<HorizontalPodAutoscaler['status']>;
type Condition = NonNullable<AutoscalerStatus['conditions']>[number];
export type MetricStatus = NonNullable<AutoscalerStatus['currentMetrics']>[number];

export interface ConditionWish {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** Conditions in the order in which the controller sets them; times of unchanged ones stay. */
export function withConditions(
  before: readonly Condition[] | undefined,
  wishes: readonly ConditionWish[],
  nowMs: number,
): Condition[] {
  const updated = wishes.map((wish): Condition => {
    const old = before?.find((condition) => condition.type === wish.type);
    const time = old?.status === wish.status ? old.lastTransitionTime : undefined;
    return { ...wish, lastTransitionTime: time ?? rfc3339(nowMs) };
  });
  const others = (before ?? []).filter((condition) => !wishes.some((wish) => wish.type === condition.type));
  return [...updated, ...others];
}

export interface MeasuredMetric {
  readonly resource: 'cpu' | 'memory';
  readonly container: string | undefined;
  readonly averageValue: number;
  readonly utilizationPercent: number | undefined;
}

/** The metric as `kubectl get hpa` reads it. */
export function metricStatus(metric: MeasuredMetric): MetricStatus {
  const quantity =
    metric.resource === 'cpu'
      ? quantityFromNumber(metric.averageValue)
      : quantityFromNumber(Math.round(metric.averageValue), 'BinarySI', 1_000_000_000n);
  const current = {
    averageValue: formatQuantity(quantity),
    ...(metric.utilizationPercent === undefined ? {} : { averageUtilization: metric.utilizationPercent }),
  };
  return metric.container === undefined
    ? { type: 'Resource', resource: { name: metric.resource, current } }
    : {
        type: 'ContainerResource',
        containerResource: { name: metric.resource, container: metric.container, current },
      };
}

/** How the controller names a metric in messages. */
export function metricName(
  metric: Pick<MeasuredMetric, 'resource' | 'utilizationPercent' | 'container'>,
): string {
  const kind =
    metric.container === undefined ? `${metric.resource} resource` : `${metric.resource} container resource`;
  return metric.utilizationPercent === undefined ? kind : `${kind} utilization (percentage of request)`;
}

/** The condition ScalingLimited. */
export function limitedWish(
  limit: { readonly reason: string; readonly message: string } | undefined,
): ConditionWish {
  if (limit !== undefined) return { type: 'ScalingLimited', status: 'True', ...limit };
  const message = 'the desired count is within the acceptable range';
  return { type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange', message };
}

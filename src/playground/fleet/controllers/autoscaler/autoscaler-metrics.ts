/** Measures all metrics of an autoscaler and takes the largest size that one of them calls for. */
import type { HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import type { FleetUsage } from '../../usage/fleet-usage.ts';
import { type ConditionWish, type MeasuredMetric, metricName } from './autoscaler-status.ts';
import { type UsageMetric, usageMetrics } from './metric-specs.ts';
import { podMetric } from './pod-metrics.ts';
import { type ReplicaProposal, proposeReplicas } from './replica-calculator.ts';
import { rulesOf } from './scaling-behavior.ts';

export interface MeasureInput {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly usage: FleetUsage;
  readonly pods: readonly Pod[];
  readonly replicas: number;
  readonly nowMs: number;
}

export type Measured =
  | {
      readonly kind: 'some';
      readonly replicas: number;
      /** The metric that decided, in the controller's words. */
      readonly name: string;
      readonly metrics: readonly MeasuredMetric[];
    }
  | { readonly kind: 'none'; readonly conditions: readonly ConditionWish[] };

/**
 * A metric that cannot be had stops shrinking: the real controller scales on the others only where they call for
 * more pods than there are.
 */
export function measure(input: MeasureInput): Measured {
  const { metrics, unknown } = usageMetrics(input.autoscaler);
  const results = metrics.map((metric) => ({ metric, result: propose(input, metric) }));
  const failures = [
    ...unknown.map((type) => `${type} metrics are not served here`),
    ...results.map(({ result }) => result).filter((result) => typeof result === 'string'),
  ];
  const good = results.flatMap(({ metric, result }) =>
    typeof result === 'string' ? [] : [{ metric, result }],
  );
  const [first, ...rest] = good;
  if (first === undefined) return none(metrics[0]?.resource ?? 'cpu', failures);
  const top = rest.reduce((best, next) => (next.result.replicas > best.result.replicas ? next : best), first);
  if (failures.length > 0 && top.result.replicas < input.replicas) return none(top.metric.resource, failures);
  const measured = good.map(({ metric, result }): MeasuredMetric => ({ ...metric, ...result }));
  return {
    kind: 'some',
    replicas: top.result.replicas,
    name: metricName({ ...top.metric, ...top.result }),
    metrics: measured,
  };
}

/** What the metric calls for, or why it cannot be had. */
function propose(input: MeasureInput, metric: UsageMetric): ReplicaProposal | string {
  const { resource, container, target } = metric;
  const metrics = input.pods.map((pod) =>
    podMetric(input.usage, { pod, resource, container, nowMs: input.nowMs }),
  );
  const known = metrics.filter((candidate) => candidate !== undefined);
  if (target.kind === 'Utilization' && known.length < metrics.length)
    return `missing request for ${resource}`;
  const { up, down } = rulesOf(input.autoscaler.spec?.behavior);
  const proposal = proposeReplicas({
    metrics: known,
    target,
    currentReplicas: input.replicas,
    tolerance: { up: Number(up.tolerance ?? 0.1), down: Number(down.tolerance ?? 0.1) },
  });
  return proposal ?? 'no metrics returned from resource metrics API';
}

function none(resource: string, failures: readonly string[]): Measured {
  const why = failures.join('; ');
  const message = `the HPA was unable to compute the replica count: failed to get ${resource} utilization: ${why}`;
  return {
    kind: 'none',
    conditions: [
      {
        type: 'AbleToScale',
        status: 'True',
        reason: 'SucceededGetScale',
        message: "the HPA controller was able to get the target's current scale",
      },
      { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message },
    ],
  };
}

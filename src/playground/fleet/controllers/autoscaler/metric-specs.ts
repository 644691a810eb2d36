/** The metrics of an autoscaler's spec, as far as usage can answer them. */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import { units } from '../../resources.ts';
import type { MetricTarget } from './replica-calculator.ts';

type MetricSpec = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

export interface UsageMetric {
  readonly resource: 'cpu' | 'memory';
  /** Only this container; the whole pod where undefined. */
  readonly container: string | undefined;
  readonly target: MetricTarget;
}

/** Where nothing is said, autoscaling/v2 aims at 80 % of the requested CPU. */
const DEFAULT_METRIC: UsageMetric = {
  resource: 'cpu',
  container: undefined,
  target: { kind: 'Utilization', percent: 80 },
};

/** The metrics that usage can answer, and the types of those that it cannot. */
export function usageMetrics(autoscaler: HorizontalPodAutoscaler): {
  readonly metrics: readonly UsageMetric[];
  readonly unknown: readonly string[];
} {
  const specs = autoscaler.spec?.metrics ?? [];
  if (specs.length === 0) return { metrics: [DEFAULT_METRIC], unknown: [] };
  const read = specs.map((spec) => ({ spec, metric: usageMetric(spec) }));
  return {
    metrics: read.map(({ metric }) => metric).filter((metric) => metric !== undefined),
    unknown: read.filter(({ metric }) => metric === undefined).map(({ spec }) => spec.type),
  };
}

function usageMetric(spec: MetricSpec): UsageMetric | undefined {
  const source = spec.resource ?? spec.containerResource;
  if (source === undefined || (source.name !== 'cpu' && source.name !== 'memory')) return undefined;
  const { averageUtilization, averageValue } = source.target;
  const target: MetricTarget =
    averageValue === undefined
      ? { kind: 'Utilization', percent: averageUtilization ?? 80 }
      : { kind: 'AverageValue', value: units(averageValue) };
  return { resource: source.name, container: spec.containerResource?.container, target };
}

/** Usage of a workload as the API answers: per pod, CPU in cores and memory in bytes. */
import type { MetricStats, WorkloadMetricsAnswer } from '#apis/optimizer-api/workload.ts';
import { largest, quantileOfSorted, sortedFinite } from '#domain/statistics/order.ts';
import { assessQuality } from '#domain/usage/data-quality.ts';
import { sumSeries } from '#domain/usage/series-sum.ts';
import type { UsageQuery, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import { round, UnknownFields } from './unknown.ts';
import { totalOf } from './workload-answer.ts';

type Query = Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;

export function metricsAnswer(
  facts: WorkloadFacts,
  usage: WorkloadUsage,
  query: Query,
): WorkloadMetricsAnswer {
  const unknown = new UnknownFields();
  const { containers, lastSampleAtMs, source, warnings } = usage;
  const cpu = sumSeries(containers.map(({ cpuCores }) => cpuCores));
  const memory = sumSeries(containers.map(({ memoryBytes }) => memoryBytes));
  const stats = { cpu: plainStats(cpu), memory: plainStats(memory) };
  for (const resource of ['cpu', 'memory'] as const) {
    if (stats[resource].avg !== null) continue;
    unknown.number(
      `${resource}_usage`,
      undefined,
      `${source} has no samples of every container in the window`,
    );
  }
  const percent = (resource: 'cpu' | 'memory'): number | null => {
    const field = `${resource}_utilization_pct`;
    const { avg } = stats[resource];
    if (avg === null) return unknown.number(field, undefined, 'usage is not known');
    return unknown.number(
      field,
      utilization(facts, resource, avg),
      `a container sets no ${resource} request`,
    );
  };
  const last = lastSampleAtMs === undefined ? undefined : rfc3339(lastSampleAtMs);
  return {
    workload_id: facts.uid,
    cpu_usage: stats.cpu,
    memory_usage: stats.memory,
    cpu_utilization_pct: percent('cpu'),
    memory_utilization_pct: percent('memory'),
    sample_count: assessQuality(usage, query).reduce((sum, { samples }) => sum + samples, 0),
    time_range_hours: round((query.toMs - query.fromMs) / 3_600_000, 2),
    containers: containers.map((container) => ({
      container: container.container,
      cpu_usage: plainStats(container.cpuCores),
      memory_usage: plainStats(container.memoryBytes),
      oom_kills: container.oomKills.length,
    })),
    source,
    last_sample_at: unknown.text('last_sample_at', last, `${source} has no sample of the workload`),
    ...(warnings === undefined ? {} : { warnings: [...warnings] }),
    ...unknown.noted,
  };
}

function plainStats(series: UsageSeries | undefined): MetricStats {
  if (series === undefined) return { avg: null, p50: null, p95: null, p99: null, max: null, min: null };
  const sorted = sortedFinite(series.mean);
  const at = (share: number): number | null => finite(quantileOfSorted(sorted, share));
  return {
    avg: finite(weightedMean(series)),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: finite(largest(series.max)),
    min: at(0),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? round(value, 6) : null;
}

/** Over time and pods: a step with more pods counts for more. */
function weightedMean({ mean, pods }: UsageSeries): number {
  let sum = 0;
  let weight = 0;
  for (const [step, value] of mean.entries()) {
    if (!Number.isFinite(value)) continue;
    const count = pods[step] ?? Number.NaN;
    const counted = count > 0 ? count : 1;
    sum += value * counted;
    weight += counted;
  }
  return sum / weight;
}

/** The average in percent of the request of a pod; undefined where there is none. */
function utilization(
  { present }: WorkloadFacts,
  resource: 'cpu' | 'memory',
  average: number,
): number | undefined {
  const request = totalOf(present, resource, 'requests');
  return request === undefined || request === 0 ? undefined : round((average / request) * 100, 2);
}

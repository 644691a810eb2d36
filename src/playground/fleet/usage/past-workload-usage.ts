/** Past usage per workload, in the form in which a usage history takes it in. */
import { type Grid, queryGrid, resample, stepAt } from '#domain/usage/series.ts';
import {
  CPU_AVERAGING_MS,
  type ContainerUsage,
  type UsageQuery,
  type UsageSeries,
  type WorkloadUsage,
} from '#domain/usage/usage.ts';
import { WORKLOAD_KINDS, type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import type { FleetUsage } from './fleet-usage.ts';
import { type PastRange, type PastSeries, pastUsage } from './past-usage.ts';

export type PastUsageQuery = Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>;

/**
 * The usage of every Deployment, StatefulSet and DaemonSet on the grid of the query; a step in which none of its
 * pods ran is NaN. Peaks are those that a source sees which averages CPU over five minutes at most.
 */
export function pastWorkloadUsage(usage: FleetUsage, query: PastUsageQuery): readonly WorkloadUsage[] {
  const range = rangeOf(query);
  const workloads = new Map<string, { readonly ref: WorkloadRef; readonly series: PastSeries[] }>();
  for (const series of pastUsage(usage, range)) {
    const ref = refOf(series.pod.workload);
    if (ref === undefined) continue;
    const held = workloads.get(workloadKey(ref)) ?? { ref, series: [] };
    workloads.set(workloadKey(ref), held);
    held.series.push(series);
  }
  return [...workloads.values()].map(({ ref, series }) => workloadUsage(ref, series, { query, range }));
}

/** The steps at which usage is computed: the query's, or parts of them that are short enough for CPU peaks. */
function rangeOf(query: PastUsageQuery): PastRange {
  const { startMs, stepMs, steps } = queryGrid(query);
  const parts = Math.ceil(stepMs / CPU_AVERAGING_MS);
  return { fromMs: startMs, untilMs: startMs + steps * stepMs, stepMs: stepMs / parts };
}

function refOf({ kind, namespace, name }: PastSeries['pod']['workload']): WorkloadRef | undefined {
  const known = WORKLOAD_KINDS.find((candidate) => candidate === kind);
  return known === undefined ? undefined : { kind: known, namespace, name };
}

interface Steps {
  readonly query: PastUsageQuery;
  readonly range: PastRange;
}

function workloadUsage(
  workload: WorkloadRef,
  series: readonly PastSeries[],
  { query, range }: Steps,
): WorkloadUsage {
  const containers = Map.groupBy(series, ({ container }) => container);
  const lastStep = Math.max(...series.map(({ runShare }) => runShare.findLastIndex((share) => share > 0)));
  return {
    workload,
    fromMs: query.fromMs,
    toMs: query.toMs,
    containers: [...containers].map(([container, of]) => containerUsage(container, of, { query, range })),
    source: 'playground',
    lastSampleAtMs: lastStep < 0 ? undefined : range.fromMs + (lastStep + 1) * range.stepMs,
  };
}

function containerUsage(
  container: string,
  of: readonly PastSeries[],
  { query, range }: Steps,
): ContainerUsage {
  const onQuery = (series: UsageSeries): UsageSeries => resample(series, queryGrid(query), 'highest');
  const fold = (valueOf: ValueOf): UsageSeries => onQuery(overPods(of, range, valueOf));
  return {
    container,
    cpuCores: fold(({ cpuCores, runShare }, step) => ratio(cpuCores[step], runShare[step])),
    memoryBytes: fold(({ memoryBytes }, step) => memoryBytes[step] ?? NaN),
    ...(of.some(({ cfsShare }) => cfsShare.some((share) => share > 0))
      ? { throttledRatio: fold((each, step) => ratio(each.throttledShare[step], each.cfsShare[step])) }
      : {}),
    restarts: restarts(of, range, queryGrid(query)),
    oomKills: of.flatMap(({ pod, oomKills }) =>
      oomKills.map(({ atMs, limitBytes }) => ({
        atMs,
        pod: pod.name,
        ...(limitBytes === undefined ? {} : { limitBytes }),
      })),
    ),
  };
}

type ValueOf = (series: PastSeries, step: number) => number;

function ratio(part: number | undefined, whole: number | undefined): number {
  return part === undefined || whole === undefined || whole === 0 ? NaN : part / whole;
}

/** The peak and the mean over the pods that ran in each step, each weighed by how long it ran. */
function overPods(of: readonly PastSeries[], range: PastRange, valueOf: ValueOf): UsageSeries {
  const steps = of[0]?.runShare.length ?? 0;
  const unknown = (): Float64Array => new Float64Array(steps).fill(NaN);
  const series = {
    startMs: range.fromMs,
    stepMs: range.stepMs,
    max: unknown(),
    mean: unknown(),
    pods: unknown(),
  };
  for (let step = 0; step < steps; step += 1) {
    let most = NaN;
    let sum = 0;
    let weight = 0;
    for (const each of of) {
      const share = each.runShare[step] ?? 0;
      const value = share > 0 ? valueOf(each, step) : NaN;
      if (Number.isNaN(value)) continue;
      most = most >= value ? most : value;
      sum += value * share;
      weight += share;
    }
    if (weight === 0) continue;
    series.max[step] = most;
    series.mean[step] = sum / weight;
    series.pods[step] = podsAtOnce(weight);
  }
  return series;
}

/** Pods that follow each other within a step count as one; rounding must not make a pod of nothing. */
function podsAtOnce(runShares: number): number {
  return Math.max(1, Math.ceil(runShares - 1e-9));
}

function restarts(of: readonly PastSeries[], range: PastRange, grid: Grid): UsageSeries {
  const perPod = of.map(({ restartsMs }) => {
    const counts = new Map<number, number>();
    for (const atMs of restartsMs) {
      const step = stepAt(grid, atMs) ?? -1;
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
    return counts;
  });
  const { pods } = resample(
    overPods(of, range, () => 0),
    grid,
    'highest',
  );
  const per = (value: (counts: readonly number[], pods: number) => number): Float64Array =>
    pods.map((count, step) =>
      Number.isNaN(count)
        ? NaN
        : value(
            perPod.map((counts) => counts.get(step) ?? 0),
            count,
          ),
    );
  return {
    startMs: grid.startMs,
    stepMs: grid.stepMs,
    max: per((counts) => Math.max(...counts)),
    mean: per((counts, count) => counts.reduce((sum, each) => sum + each, 0) / count),
    pods,
  };
}

/** What kubelets and kube-state-metrics would have exposed of the fleet, as files that promtool makes blocks of. */
import { join } from 'node:path';
import { type OpenMetricsSeries, writeOpenMetrics } from '#test/servers/prometheus/open-metrics.ts';
import type { FleetWorkload } from './fleet.ts';

export interface HistoryOptions {
  readonly workloads: readonly FleetWorkload[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly scrapeMs: number;
  /** Where the file of the moment is written. */
  readonly folder: string;
}

/** Prometheus' blocks begin at full two hours. */
const BLOCK_MS = 7_200_000;
const DAY_MS = 86_400_000;
const PAGE = 4096;

/** One file per block of two hours, each to be read before the next is asked for. */
export function* historyFiles(options: HistoryOptions): Generator<string> {
  const file = join(options.folder, 'block.om');
  for (let atMs = options.fromMs; atMs < options.toMs; atMs = nextBlock(atMs)) {
    writeOpenMetrics(file, [...blockSeries(options, atMs, Math.min(nextBlock(atMs), options.toMs))]);
    yield file;
  }
}

const nextBlock = (atMs: number): number => (Math.floor(atMs / BLOCK_MS) + 1) * BLOCK_MS;

export function samplesIn({ fromMs, toMs, scrapeMs }: HistoryOptions, containers: number): number {
  return Math.floor((toMs - fromMs) / scrapeMs) * containers * 5;
}

function* blockSeries(options: HistoryOptions, fromMs: number, toMs: number): Generator<OpenMetricsSeries> {
  let index = 0;
  for (const workload of options.workloads) {
    const { namespace, name, replicaSet } = workload;
    if (replicaSet !== '') {
      const labels = { namespace, replicaset: replicaSet, owner_kind: 'Deployment', owner_name: name };
      yield { name: 'kube_replicaset_owner', labels, samples: [[fromMs, 1], [toMs - 1000, 1]] }; // prettier-ignore
    }
    for (const pod of workload.pods)
      for (const container of workload.containers)
        yield* containerSeries({ options, workload, pod, container, index: (index += 1), fromMs, toMs });
  }
}

interface One {
  readonly options: HistoryOptions;
  readonly workload: FleetWorkload;
  readonly pod: string;
  readonly container: string;
  /** Decides how this container differs from others. */
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number;
}

function* containerSeries(one: One): Generator<OpenMetricsSeries> {
  const { workload, pod, container, index } = one;
  const { namespace, cores, mebibytes } = workload;
  const labels = {
    namespace,
    pod,
    container,
    image: 'x',
    instance: `node-${String(index % 250)}`,
    job: 'kubelet',
  };
  const series = (name: string, value: (atMs: number, tick: number) => number): OpenMetricsSeries => ({
    name,
    labels,
    samples: ticks(one, value),
  });
  const share = 0.1 + (index % 7) / 12;
  const wobble = (tick: number): number => (((tick + index) * 7919) % 1000) / 1000;
  // The integral of a daily wave around the share of the request that is used.
  const seconds = (atMs: number): number => {
    const day = (2 * Math.PI * atMs) / DAY_MS;
    return (
      (cores * share * (atMs - one.options.fromMs + (0.4 * DAY_MS * (1 - Math.cos(day))) / (2 * Math.PI))) /
      1000
    );
  };
  yield series('container_cpu_usage_seconds_total', (atMs) => Math.round(seconds(atMs) * 1000) / 1000);
  yield series(
    'container_memory_working_set_bytes',
    (_, tick) => Math.round(((mebibytes * 2 ** 20) / PAGE) * (share + 0.1 * wobble(tick))) * PAGE,
  );
  yield series('container_cpu_cfs_periods_total', (atMs) => Math.round((atMs - one.options.fromMs) / 100));
  yield series('container_cpu_cfs_throttled_periods_total', (atMs) =>
    index % 50 === 0 ? Math.round((atMs - one.options.fromMs) / 4000) : 0,
  );
  const restarts = { namespace, pod, container, uid: pod };
  yield { ...series('kube_pod_container_status_restarts_total', () => 0), labels: restarts };
}

function* ticks(
  one: One,
  value: (atMs: number, tick: number) => number,
): Generator<readonly [number, number]> {
  const { scrapeMs } = one.options;
  const shiftMs = (one.index % 97) * 100;
  const first = Math.ceil((one.fromMs - shiftMs) / scrapeMs);
  for (let tick = first; tick * scrapeMs + shiftMs < one.toMs; tick += 1) {
    const atMs = tick * scrapeMs + shiftMs;
    if (atMs >= one.options.fromMs) yield [atMs, value(atMs, tick)];
  }
}

/**
 * The embedded collector at scale: what a look at a large cluster costs, and what reading the history of one
 * workload costs, beside the writer and from another process. Prints medians; writes nothing but a temporary folder.
 *
 *   node bench/metrics/embedded.ts [containers=10000] [hours=6]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collector } from '#adapters/metrics/embedded/collector/collector.ts';
import { ListedPods } from '#adapters/metrics/embedded/collector/pod-source.ts';
import { HistoryReader } from '#adapters/metrics/embedded/history/history-reader.ts';
import { DAY_MS } from '#adapters/metrics/embedded/history/levels.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { FakeCluster } from '#adapters/metrics/embedded/testing/fake-cluster.ts';
import type { UsageQuery, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';

const CONTAINERS = Number(process.argv[2] ?? 10_000);
const HOURS = Number(process.argv[3] ?? 6);
const PODS_PER_WORKLOAD = 3;
const TICK_MS = 30_000;
const MIB = 2 ** 20;
const T0 = 2_900 * 7 * DAY_MS;

function workloadRef(index: number): WorkloadRef {
  return { kind: 'Deployment', namespace: `team-${String(index % 40)}`, name: `app-${String(index)}` };
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1);
}

function report(what: string, values: readonly number[]): void {
  console.log(
    `${what.padEnd(46)} p50 ${percentile(values, 0.5).padStart(8)} ms   p99 ${percentile(values, 0.99).padStart(8)} ms`,
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function fill(cluster: FakeCluster): void {
  for (let index = 0; index < CONTAINERS; index += 1) {
    const workload = workloadRef(Math.floor(index / PODS_PER_WORKLOAD));
    const name = `${workload.name}-5d69f8f4b7-${index.toString(27).padStart(5, '0')}`;
    cluster.add({
      workload,
      name,
      uid: name,
      createdMs: T0,
      containers: [{ name: 'app' }],
      replicaSet: `${workload.name}-5d69f8f4b7`,
    });
  }
}

function sample(cluster: FakeCluster, tick: number, nowMs: number): void {
  let index = 0;
  for (const name of cluster.pods.keys()) {
    const cpu = `${String(150_000_000 + ((index * 7919 + tick * 104_729) % 100_000_000))}n`;
    const memory = `${String(200_000 + ((index * 31 + tick * 17) % 9000))}Ki`;
    cluster.samples.set(name, { takenMs: nowMs, usage: { app: { cpu, memory } } });
    index += 1;
  }
}

async function collect(path: string): Promise<void> {
  const cluster = new FakeCluster();
  const clock = new ManualClock(T0);
  fill(cluster);
  const history = UsageHistory.open(path);
  // As in the operator, whose informers hold the pods already.
  const limits = { timeoutMs: 60_000, signal: new AbortController().signal };
  const known = await new ListedPods(cluster.client).pods(limits);
  const pods = { pods: () => Promise.resolve(known) };
  const collector = new Collector({ client: cluster.client, pods, history, clock, logger: silentLogger });
  const looks: number[] = [];
  for (let tick = 1; tick <= HOURS * 120; tick += 1) {
    await clock.advance(TICK_MS);
    sample(cluster, tick, clock.now());
    looks.push(await timed(() => collector.look()));
  }
  report(`a look at ${String(CONTAINERS)} containers`, looks);
  console.log(
    `${`the file after ${String(HOURS)} h`.padEnd(46)} ${(history.sizeBytes() / MIB).toFixed(0)} MiB`,
  );
  history.close();
}

function fortnight(index: number, toMs: number): WorkloadUsage {
  const steps = (14 * DAY_MS) / 300_000;
  const startMs = toMs - 14 * DAY_MS;
  const column = (value: (step: number) => number): Float64Array =>
    Float64Array.from({ length: steps }, (_, step) => value(step));
  const wave = (base: number) => (step: number) =>
    base * (1 + 0.4 * Math.sin(step / 46) + ((step * 7919 + index) % 100) / 500);
  const pods = column(() => 3);
  const series = (base: number) => ({
    startMs,
    stepMs: 300_000,
    max: column(wave(base)),
    mean: column(wave(base * 0.6)),
    pods,
  });
  const container = { container: 'app', cpuCores: series(0.4), memoryBytes: series(300 * MIB), oomKills: [] };
  return {
    workload: workloadRef(index),
    fromMs: startMs,
    toMs,
    source: 'bench',
    lastSampleAtMs: toMs,
    containers: [container],
  };
}

async function read(what: string, source: UsageSource, query: Omit<UsageQuery, 'workloads'>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const workloads = [workloadRef((index * 37) % 500)];
    times.push(await timed(() => source.usage({ workloads, ...query })));
  }
  report(what, times);
}

async function readBack(path: string): Promise<void> {
  const toMs = T0 + 15 * DAY_MS;
  const history = UsageHistory.open(path);
  const importing: number[] = [];
  for (let index = 0; index < 500; index += 1) {
    const usage = fortnight(index, toMs);
    const startedMs = performance.now();
    history.import([usage]);
    importing.push(performance.now() - startedMs);
  }
  report('import of one workload, 14 d at 5 min', importing);
  console.log(
    `${'the file of 500 workloads, 14 d at 5 min'.padEnd(46)} ${(history.sizeBytes() / MIB).toFixed(1)} MiB`,
  );
  const query = { fromMs: toMs - 14 * DAY_MS, toMs, stepMs: 300_000 };
  await read('read one workload, 14 d at 5 min', history.reader, query);
  await read('read one workload, 14 d at 1 h', history.reader, { ...query, stepMs: 3_600_000 });
  const { reader, database } = HistoryReader.openFile(path);
  await read('the same read-only, beside the writer', reader, query);
  database.close();
  history.close();
}

const folder = mkdtempSync(join(tmpdir(), 'kcloud-bench-'));
try {
  await collect(join(folder, 'collected.db'));
  console.log(
    `${'on disk'.padEnd(46)} ${(statSync(join(folder, 'collected.db')).size / MIB).toFixed(0)} MiB`,
  );
  await readBack(join(folder, 'imported.db'));
  console.log(
    `${'resident memory'.padEnd(46)} ${(process.memoryUsage().rss / MIB).toFixed(0)} MiB, cluster double included`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

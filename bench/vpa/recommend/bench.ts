/**
 * The real recommender beside ours: both read the same Prometheus, backfilled with recorded usage, and the same
 * control plane; every job-day of the walk-forward is a Deployment there, and the day that followed judges.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrometheusServer } from '#test/servers/prometheus/prometheus-server.ts';
import { ensureVerticalPodAutoscaler } from '#test/testenv/modules/vertical-pod-autoscaler.ts';
import { STEP_MS } from '../../rightsizing/datasets.ts';
import { type RecordedCluster, startRecordedCluster } from './cluster.ts';
import { type Deviation, deviations, deviationTable, type Pair } from './compare.ts';
import { historyFiles } from './history.ts';
import { BYTES_PER_PERCENT, CORES_PER_PERCENT, type JobDayWorkload, jobDayWorkloads, recordedSet } from './job-days.ts'; // prettier-ignore
import { type KcloudRecord, runKcloud } from './kcloud.ts';
import { runRecommender } from './recommender.ts';
import type { Recommended } from './recommended.ts';
import { type Scored, scoreOf, scoreTable } from './scores.ts';
import { RESOLUTIONS, type Resolution, ruleAt } from './seen.ts';
import { kcloudSizes, realSizes, ruleSizes } from './sizes.ts';

/** Time to fill the database; the histories end at a later midnight, which is waited for. */
const PREPARATION_MS = 180_000;

export interface RecommendResult {
  readonly version: string;
  readonly jobDays: number;
  readonly deviations: Readonly<Record<string, readonly Deviation[]>>;
  readonly scores: readonly Scored[];
  readonly leftAlone: readonly { readonly name: string; readonly note: string }[];
  readonly workloads: readonly unknown[];
}

type Say = (text: string) => void;

export async function benchRecommender(
  options: { data: string; jobDays: number },
  say: Say,
): Promise<RecommendResult> {
  const set = recordedSet(options.data);
  const jobs = jobDayWorkloads(set).slice(0, options.jobDays);
  const vpa = await ensureVerticalPodAutoscaler();
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-bench-vpa-'));
  say(`starting a control plane with ${String(jobs.length)} Deployments`);
  const cluster = await startRecordedCluster(jobs, vpa.crds);
  const endMs = Math.ceil((Date.now() + PREPARATION_MS) / STEP_MS) * STEP_MS;
  const prometheus = await startPrometheus({ cluster, directory, endMs, say });
  try {
    await untilMidnight(endMs, say);
    const shared = { binary: vpa.recommender, controlPlane: cluster.controlPlane, directory, jobs };
    const real = new Map<Resolution, ReadonlyMap<string, Recommended>>();
    for (const resolution of RESOLUTIONS) {
      say(`the recommender of VPA ${vpa.version} at a resolution of ${resolution}`);
      real.set(resolution, await runRecommender({ ...shared, prometheusUrl: prometheus.url, resolution }));
    }
    say('kcloud recommend');
    const { kubeconfigPath: kubeconfig } = cluster.controlPlane;
    const records = await runKcloud({ kubeconfig, prometheusUrl: prometheus.url, window: '8d' });
    return { version: vpa.version, ...judge({ set, jobs, real, records }) };
  } finally {
    await prometheus.stop();
    await cluster.controlPlane.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Backfill {
  readonly cluster: RecordedCluster;
  readonly directory: string;
  readonly endMs: number;
  readonly say: Say;
}

function startPrometheus({ cluster, directory, endMs, say }: Backfill): Promise<PrometheusServer> {
  say('filling a Prometheus');
  const progress = (done: number, total: number): void => {
    if (done % 20 === 0) say(`  ${String(done)} of ${String(total)} blocks`);
  };
  const history = historyFiles({ folder: directory, scraped: cluster.scraped, endMs, progress });
  const flags = ['--storage.tsdb.min-block-duration=2h', '--storage.tsdb.max-block-duration=2h'];
  return PrometheusServer.start({ history, flags });
}

async function untilMidnight(endMs: number, say: Say): Promise<void> {
  const waitMs = endMs - Date.now();
  if (waitMs < 0)
    say(`filling took ${String(Math.round(-waitMs / 1000))} s too long: the histories are as much older`);
  else say(`${String(Math.round(waitMs / 1000))} s until the midnight that the histories end at`);
  await sleep(Math.max(0, waitMs));
}

interface Found {
  readonly set: ReturnType<typeof recordedSet>;
  readonly jobs: readonly JobDayWorkload[];
  readonly real: ReadonlyMap<Resolution, ReadonlyMap<string, Recommended>>;
  readonly records: readonly KcloudRecord[];
}

function judge({ set, jobs, real, records }: Found): Omit<RecommendResult, 'version'> {
  const byResolution = [...real].map(([resolution, sizes]) => ({ resolution, sizes }));
  return {
    jobDays: jobs.length,
    deviations: Object.fromEntries(
      byResolution.flatMap(({ resolution, sizes }) => [
        [`CPU, ${resolution}`, deviations(pairsOf(jobs, { resolution, sizes, resource: 'cpu' }))],
        [`memory, ${resolution}`, deviations(pairsOf(jobs, { resolution, sizes, resource: 'memory' }))],
      ]),
    ),
    scores: [
      scoreOf(set, kcloudSizes(records)),
      ...byResolution.map(({ resolution, sizes }) =>
        scoreOf(set, realSizes(`VPA, real, ${resolution}`, sizes)),
      ),
      scoreOf(set, ruleSizes(jobs)),
    ],
    leftAlone: records.filter(({ note }) => note !== '').map(({ name, note }) => ({ name, note })),
    workloads: jobs.map((job) => ({
      name: job.name,
      ...Object.fromEntries(
        byResolution.flatMap(({ resolution, sizes }) => [
          [`real ${resolution}`, sizes.get(job.name)],
          [`rule ${resolution}`, ruleAt(resolution, job)],
        ]),
      ),
      kcloud: records.find(({ name }) => name === job.name),
    })),
  };
}

interface Compared {
  readonly resolution: Resolution;
  readonly sizes: ReadonlyMap<string, Recommended>;
  readonly resource: keyof Recommended;
}

const UNITS = { cpu: CORES_PER_PERCENT, memory: BYTES_PER_PERCENT };

function pairsOf(jobs: readonly JobDayWorkload[], { resolution, sizes, resource }: Compared): Pair[] {
  const unit = UNITS[resource];
  return jobs.flatMap((job) => {
    const found = sizes.get(job.name)?.[resource];
    if (found === undefined) return [];
    const real = { target: found.target / unit, lower: found.lower / unit, upper: found.upper / unit };
    return [{ name: job.name, real, ours: ruleAt(resolution, job)[resource] }];
  });
}

export function recommendTables(result: RecommendResult): string {
  return [
    `VPA ${result.version} beside its rule as rightsizing/baselines.ts has it: |rule / real − 1| over ${String(result.jobDays)} job-days`,
    deviationTable(Object.entries(result.deviations)),
    '',
    'Scored on the day that followed',
    scoreTable(result.scores),
  ].join('\n');
}

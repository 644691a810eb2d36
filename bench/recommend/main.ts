/**
 * `kcloud recommend` on ten thousand containers, against a real Prometheus that holds days of them: seconds, samples, memory.
 *
 *   node bench/recommend/main.ts [--containers 10000] [--days 7] [--scrape-seconds 120] [--window 7d] [--data <folder>]
 *     [--table <file>] [-- <flags of kcloud recommend>]
 *
 * The cluster is the API server of the playground with that many containers in it. Filling Prometheus takes most of the
 * time: `--data` keeps its database there, for further runs within the two hours that it reaches into the future.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KubeClient } from '#kube/client/kube-client.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { listenHttp } from '#playground/api-server/http/http-listener.ts';
import { writeKubeconfig } from '#playground/api-server/http/kubeconfig.ts';
import { PlaygroundApiServer } from '#playground/api-server/playground-api-server.ts';
import { PrometheusServer } from '#test/servers/prometheus/prometheus-server.ts';
import { containersIn, createFleet, fleetOf, type FleetWorkload } from './fleet.ts';
import { historyFiles, samplesIn } from './history.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    containers: { type: 'string', default: '10000' },
    days: { type: 'string', default: '7' },
    'scrape-seconds': { type: 'string', default: '120' },
    window: { type: 'string', default: '7d' },
    data: { type: 'string' },
    table: { type: 'string' },
  },
});
const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;
/** It looks for something to compact once a minute. */
const QUIET_SECONDS = 90;
const folder = mkdtempSync(join(tmpdir(), 'kcloud-bench-recommend-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const secondsSince = (startedMs: number): number => (performance.now() - startedMs) / 1000;

/** A database of an earlier run may be used while its samples still reach to now. */
function needsFilling(data: string): boolean {
  const until = join(data, 'until');
  if (!existsSync(until)) return true;
  if (Number(readFileSync(until, 'utf8')) > Date.now()) return false;
  throw new Error(`what ${data} holds is too old: remove it, and it is filled again`);
}

async function startPrometheus(workloads: readonly FleetWorkload[]): Promise<PrometheusServer> {
  const data = flags.data ?? join(folder, 'data');
  const startedMs = performance.now();
  const scrapeMs = Number(flags['scrape-seconds']) * 1000;
  const toMs = Math.ceil(Date.now() / HOUR_MS + 2) * HOUR_MS;
  const options = { workloads, toMs, fromMs: toMs - Number(flags.days) * 24 * HOUR_MS, scrapeMs, folder };
  const isNew = needsFilling(data);
  const history = isNew ? historyFiles(options) : [];
  mkdirSync(data, { recursive: true });
  const server = await PrometheusServer.start({ history, data, flags: ['--query.timeout=5m'] });
  if (isNew) await compacted(server);
  writeFileSync(join(data, 'until'), String(toMs));
  const samples = samplesIn(options, containersIn(workloads)) / 1e6;
  say(
    `Prometheus holds ${samples.toFixed(0)} M samples, ready after ${secondsSince(startedMs).toFixed(0)} s`,
  );
  return server;
}

/** What was backfilled are blocks of two hours; a Prometheus that has run for days has put them together. */
async function compacted(server: PrometheusServer): Promise<void> {
  say('waiting until its blocks are put together');
  for (let [blocks, quietSeconds] = [NaN, 0]; quietSeconds < QUIET_SECONDS; quietSeconds += 10) {
    await sleep(10_000);
    const now = await metric(server, 'prometheus_tsdb_blocks_loaded');
    if (now !== blocks) [blocks, quietSeconds] = [now, 0];
  }
}

async function startCluster(workloads: readonly FleetWorkload[]) {
  const startedMs = performance.now();
  const server = await PlaygroundApiServer.create({
    clock: new SystemClock({ unref: true }),
    random: new SeededRandom(1),
  });
  await createFleet(new KubeClient(server), workloads);
  const listener = await listenHttp(server);
  writeKubeconfig(join(folder, 'kubeconfig'), { url: listener.url });
  say(
    `the cluster has ${String(workloads.length)} workloads, ready after ${secondsSince(startedMs).toFixed(0)} s`,
  );
  return listener;
}

async function metric({ url }: PrometheusServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
}

async function measuredBy(server: PrometheusServer) {
  return {
    cpuSeconds: await metric(server, 'process_cpu_seconds_total'),
    residentBytes: await metric(server, 'process_resident_memory_bytes'),
    samples: await metric(server, 'prometheus_engine_query_samples_total'),
  };
}

interface Measured {
  readonly seconds: number;
  readonly peakMib: number;
  readonly cpuSeconds: number;
}

/** As a user runs it; its notes are shown, its table goes to a file. */
async function recommend(url: string): Promise<Measured> {
  const startedMs = performance.now();
  const out = openSync(flags.table ?? join(folder, 'table'), 'w');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../src/main.ts'), 'recommend', `--kubeconfig=${join(folder, 'kubeconfig')}`, `--prometheus-url=${url}`, `--window=${flags.window}`, ...positionals],
    { stdio: ['ignore', out, 'inherit'] },
  ); // prettier-ignore
  let used = { peakMib: NaN, cpuSeconds: NaN };
  const timer = setInterval(() => (used = usedBy(child.pid ?? 0) ?? used), 100);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`kcloud recommend ended with ${String(code)}`);
  return { seconds: secondsSince(startedMs), ...used };
}

/** Peak of resident memory and time of processor; undefined once the process is gone. */
function usedBy(pid: number): Pick<Measured, 'peakMib' | 'cpuSeconds'> | undefined {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const stat =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    const peakMib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
    // One that has ended and was not yet waited for has no memory.
    if (Number.isNaN(peakMib)) return undefined;
    return { peakMib, cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100 };
  } catch {
    return undefined;
  }
}

const workloads = fleetOf(Number(flags.containers));
const prometheus = await startPrometheus(workloads);
const cluster = await startCluster(workloads);
try {
  const before = await measuredBy(prometheus);
  const used = await recommend(prometheus.url);
  const after = await measuredBy(prometheus);
  const samples = after.samples - before.samples;
  const rows = [
    ['containers', containersIn(workloads).toLocaleString('en')],
    ['workloads (rows of the table)', workloads.length.toLocaleString('en')],
    ['seconds in all', used.seconds.toFixed(1)],
    ['  processor: kcloud', used.cpuSeconds.toFixed(1)],
    ['  processor: Prometheus', (after.cpuSeconds - before.cpuSeconds).toFixed(1)],
    ['samples that Prometheus evaluated', `${(samples / 1e6).toFixed(0)} M`],
    ['samples per second in all', `${(samples / used.seconds / 1e6).toFixed(1)} M`],
    ['peak memory: kcloud', `${used.peakMib.toFixed(0)} MiB`],
    ['memory afterwards: Prometheus', `${(after.residentBytes / MIB).toFixed(0)} MiB`],
  ];
  for (const [name = '', value = ''] of rows) console.log(`${name.padEnd(36)} ${value.padStart(12)}`);
} finally {
  await cluster.close();
  await prometheus.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The estimator: requests a second and p99 of each endpoint, and samples stored a second, beside FastAPI doing the same work.
 *
 *   node bench/services/main.ts [--fastapi <python with fastapi, uvicorn, uvloop, httptools, orjson>] [--seconds 3]
 *     [--connections 16] [--snapshots 200] [--out <folder>]
 *
 * Both run one process on the same machine, one after the other for each endpoint, a thousand containers on twenty nodes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { snapshotAt } from './fixture.ts';
import { ingestSamples } from './ingest.ts';
import { load, type LoadRequest, type LoadResult } from './load.ts';

const { values: flags } = parseArgs({
  options: {
    fastapi: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    snapshots: { type: 'string', default: '200' },
    out: { type: 'string' },
    // `npm run bench` hands it to every bench; nothing is read from it here.
    data: { type: 'string' },
  },
});

const PREDICTION = { container_name: 'a', pod_name: 'a-0', historical_cpu_cores: Array.from({ length: 90 }, (_none, minute) => 0.8 + 0.1 * Math.sin(minute / 9)), container_cpu_request: 1, node_current_util: 45, node_idle_util: 5 }; // prettier-ignore
const SHARED: readonly LoadRequest[] = ['/health', '/power/current?namespace=team-3', '/power/containers', '/power/containers?namespace=team-3', '/power/nodes', '/cost/current', '/cost/hourly', '/cost/hourly?namespace=team-3', '/calibration/config'].map((path) => ({ method: 'GET', path })); // prettier-ignore
/** What the peer does not have. */
const OWN: readonly LoadRequest[] = [
  { method: 'GET', path: '/cost/workload/team-3:workload-3' },
  { method: 'GET', path: '/profile/workload-types' },
  { method: 'POST', path: '/profile/classify', body: { workload_name: 'llama-finetune', samples: Array.from({ length: 120 }, () => ({ gpu_utilization: 0.9 })) } },
  { method: 'POST', path: '/predict/energy', body: PREDICTION },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/metrics/summary' },
]; // prettier-ignore

interface Running {
  readonly url: string;
  readonly child: ChildProcess;
}

async function startOurs(): Promise<Running> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'our-service.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) return { url: line, child };
  throw new Error('the estimator ended');
}

async function startPeer(python: string, folder: string): Promise<Running> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const args = [
    join(import.meta.dirname, 'fastapi_peer.py'),
    join(folder, 'fixture.json'),
    'serve',
    join(folder, 'peer.db'),
    String(port),
  ];
  const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${String(port)}`;
  for (let tries = 0; tries < 100; tries += 1) {
    await sleep(200);
    if (await fetch(`${url}/health`).then((answer) => answer.ok, () => false)) return { url, child }; // prettier-ignore
  }
  throw new Error('the peer does not answer');
}

async function measure({ url }: Running, request: LoadRequest): Promise<LoadResult> {
  const options = { url, request, connections: Number(flags.connections) };
  await load({ ...options, durationMs: 500 });
  return load({ ...options, durationMs: 1000 * Number(flags.seconds) });
}

interface Row {
  readonly endpoint: string;
  readonly ours: LoadResult;
  readonly fastapi: LoadResult | undefined;
}

async function measureAll(ours: Running, peer: Running | undefined): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const request of [...SHARED, ...OWN]) {
    const result = await measure(ours, request);
    const fastapi = peer !== undefined && SHARED.includes(request) ? await measure(peer, request) : undefined;
    rows.push({ endpoint: `${request.method} ${request.path}`, ours: result, fastapi });
  }
  return rows;
}

function writeFixture(folder: string, snapshots: number): void {
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const hours = Array.from({ length: 25 }, (_none, index) => snapshotAt(hour - DAY_MS + index * HOUR_MS));
  const many = Array.from({ length: snapshots }, (_none, index) => snapshotAt(hour + index * 15_000));
  writeFileSync(
    join(folder, 'fixture.json'),
    JSON.stringify({ snapshot: snapshotAt(Date.now()), hours, snapshots: many }),
  );
}

const number = (value: number | undefined, digits = 0): string =>
  value === undefined ? '–' : value.toFixed(digits);

function print(rows: readonly Row[]): void {
  console.log(
    '| endpoint | requests/s | p50 ms | p99 ms | FastAPI requests/s | p99 ms | ratio |\n|---|---|---|---|---|---|---|',
  );
  for (const { endpoint, ours, fastapi } of rows) {
    const ratio = fastapi === undefined ? '–' : `${(ours.perSecond / fastapi.perSecond).toFixed(1)} ×`;
    const own = [number(ours.perSecond), number(ours.p50Ms, 1), number(ours.p99Ms, 1)];
    console.log(
      `| ${[endpoint, ...own, number(fastapi?.perSecond), number(fastapi?.p99Ms, 1), ratio].join(' | ')} |`,
    );
    if (ours.refusals + (fastapi?.refusals ?? 0) > 0)
      console.log(`  refused: ${String(ours.refusals)} and ${String(fastapi?.refusals ?? 0)}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'kcloud-bench-services-'));
const snapshots = Number(flags.snapshots);
writeFixture(folder, snapshots);
const ours = await startOurs();
const peer = flags.fastapi === undefined ? undefined : await startPeer(flags.fastapi, folder);
const rows = await measureAll(ours, peer);
ours.child.kill();
peer?.child.kill();
print(rows);
const stored = ingestSamples(join(folder, 'ours.db'), snapshots);
console.log(
  `\nsamples stored a second (normalised, priced, added up, put in the outbox): ${number(stored.perSecond)}`,
);
if (flags.fastapi !== undefined) {
  const args = [
    join(import.meta.dirname, 'fastapi_peer.py'),
    join(folder, 'fixture.json'),
    'ingest',
    join(folder, 'peer-ingest.db'),
  ];
  const told = JSON.parse(execFileSync(flags.fastapi, args).toString()) as {
    samples: number;
    seconds: number;
  };
  const perSecond = told.samples / told.seconds;
  console.log(
    `the same in Python: ${number(perSecond)}; ratio ${(stored.perSecond / perSecond).toFixed(1)} ×`,
  );
}
if (flags.out !== undefined) {
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, 'services.json'), JSON.stringify({ rows, stored }, null, 2));
}

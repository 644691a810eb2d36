/**
 * The operator on a real API server: memory while it idles, and how fast it analyses.
 *
 *   npm run bundle && node bench/operator/main.ts [--workloads 1000] [--replicas 3] [--qps 1000] [--idle-seconds 60]
 *     [--node-flags '…'] [--out <folder>]
 *
 * Starts etcd, kube-apiserver and the workload controllers, makes that many Deployments and a week of usage for
 * each, and runs the bundled operator as the image does. Numbers are of this machine; compare within one run only.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { startControlPlane } from '#test/testenv/control-plane/control-plane.ts';
import { imageProcess } from './image-process.ts';
import { createOptimizations, createWorkloads, NAMESPACE, weekOfUsage } from './load.ts';

const { values: flags } = parseArgs({
  options: {
    workloads: { type: 'string', default: '1000' },
    replicas: { type: 'string', default: '3' },
    qps: { type: 'string', default: '1000' },
    'idle-seconds': { type: 'string', default: '60' },
    'node-flags': { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const [workloads, replicas] = [Number(flags.workloads), Number(flags.replicas)];
const idleSeconds = Number(flags['idle-seconds']);
const MIB = 1024;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Resident memory, and its peak so far, in MiB. */
function memoryMib(pid: number): { readonly resident: number; readonly peak: number } {
  const text = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? NaN);
  return { resident: kib('VmRSS') / MIB, peak: kib('VmHWM') / MIB };
}

const directory = mkdtempSync(join(tmpdir(), 'kcloud-bench-operator-'));
say('starting a control plane');
const controlPlane = await startControlPlane({ scheduler: false });
const { client } = controlPlane;
await installCrds(customResourceDefinitions(), { client, clock: new SystemClock(), fieldManager: 'bench' });
for (const name of [NAMESPACE, 'cost-optimizer']) await client.create(NAMESPACES, { metadata: { name } });
say(`making ${String(workloads)} Deployments of ${String(replicas)} pods`);
await createWorkloads(client, { workloads, replicas });
const wanted = workloads * replicas;
while ((await client.list(PODS, { namespace: NAMESPACE })).items.length < wanted) await sleep(1000);
const history = UsageHistory.open(join(directory, 'usage.db'));
history.import(weekOfUsage(workloads, Date.now()));
history.close();

const image = imageProcess();
const log = openSync(join(directory, 'operator.log'), 'a');
const operator = spawn(
  process.execPath,
  [
    ...image.nodeFlags,
    ...flags['node-flags'].split(' ').filter((flag) => flag !== ''),
    'dist/kcloud.js',
    'operator',
    `--kubeconfig=${controlPlane.kubeconfigPath}`,
    `--data-dir=${directory}`,
    '--metrics-source=embedded',
    '--metrics-port=0',
    `--api-qps=${flags.qps}`,
  ],
  { stdio: ['ignore', log, log], env: { ...process.env, ...image.env } },
);
const pid = operator.pid ?? 0;
say(`the operator idles for ${String(idleSeconds)} s`);
await sleep(idleSeconds * 1000);
const idle = memoryMib(pid);

say(`making ${String(workloads)} CostOptimizations`);
const startedMs = performance.now();
await createOptimizations(client, workloads);
const createdMs = performance.now();
for (;;) {
  const { items } = await client.list(COST_OPTIMIZATIONS, { namespace: NAMESPACE });
  if (items.filter(({ status }) => status?.lastAnalysis !== undefined).length === workloads) break;
  await sleep(200);
}
const seconds = (performance.now() - startedMs) / 1000;
const after = memoryMib(pid);
await sleep(idleSeconds * 1000);
const settled = memoryMib(pid);
operator.kill('SIGTERM');
await controlPlane.stop();

const result = {
  workloads,
  pods: wanted,
  idleMib: idle.resident,
  analysedPerSecond: workloads / seconds,
  createSeconds: (createdMs - startedMs) / 1000,
  seconds,
  afterMib: after.resident,
  peakMib: settled.peak,
  settledMib: settled.resident,
};
process.stdout.write(
  [
    `workloads watched                    ${String(workloads)} (${String(wanted)} pods)`,
    `resident memory, idle                ${idle.resident.toFixed(0)} MiB`,
    `resident memory, ${String(workloads)} CostOptimizations ${settled.resident.toFixed(0)} MiB (peak ${settled.peak.toFixed(0)})`,
    `analysed                             ${(workloads / seconds).toFixed(1)} objects/s (${seconds.toFixed(1)} s from the first create to the last status)`,
    '',
  ].join('\n'),
);
if (flags.out !== undefined) {
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, 'operator.json'), JSON.stringify(result, null, 2));
}
process.exit(0);

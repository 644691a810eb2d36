/** One contestant on a fresh control plane: from the first object written to the last pod resized and acknowledged. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { NAMESPACES, NODES } from '#kube/client/builtin-types.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { type ControlPlane, startControlPlane } from '#test/testenv/control-plane/control-plane.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { ServerProcess } from '#test/testenv/processes/server-process.ts';
import { createWorkloads, NAMESPACE, weekOfUsage, type Load } from '../../operator/load.ts';
import { type Contestant, ORIGINAL_CORES, type Surroundings } from './contestants.ts';
import { StandInKubelet } from './stand-in-kubelet.ts';

/** All that makes pods, and nothing that misses kubelets. */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
];
const NODE = 'bench';
const AMPLE = { cpu: '100k', memory: '1Pi', pods: '100k' };
/** Contestants read the cluster before they are told to begin. */
const SETTLE_MS = 15_000;
const TIMEOUT_MS = 900_000;
const CLOCK_TICKS_PER_SECOND = 100;

export interface Race {
  readonly contestant: string;
  readonly pods: number;
  /** Until half and until all of the pods were resized and acknowledged. */
  readonly halfSeconds: number;
  readonly seconds: number;
  readonly podsPerSecond: number;
  /** Processor time of the contestant, and its resident memory at the end. */
  readonly cpuSeconds: number;
  readonly residentMib: number;
}

export interface Course {
  readonly load: Load;
  /** The file with VPA's custom resource definitions. */
  readonly vpaCrds: string;
}

export async function race(contestant: Contestant, { load, vpaCrds }: Course): Promise<Race> {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-bench-resize-'));
  const controlPlane = await startControlPlane({ scheduler: false, controllers: CONTROLLERS });
  const { client, kubeconfigPath: kubeconfig } = controlPlane;
  const kubelet = new StandInKubelet(client, ORIGINAL_CORES);
  try {
    await furnish(controlPlane, vpaCrds);
    const around: Surroundings = { client, kubeconfig, load, dataDirectory: join(directory, 'data') };
    fillHistory(around.dataDirectory, load.workloads);
    kubelet.start(NAMESPACE);
    await createWorkloads(client, { ...load, nodeName: NODE });
    const pods = load.workloads * load.replicas;
    await eventually('all pods to run', () => kubelet.running >= pods, { timeoutMs: 300_000 });
    return await run(contestant, around, kubelet);
  } finally {
    kubelet.stop();
    await controlPlane.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function furnish(controlPlane: ControlPlane, vpaCrds: string): Promise<void> {
  const { client } = controlPlane;
  await controlPlane.kubectl(['apply', '--server-side', '-f', '-'], { input: readFileSync(vpaCrds, 'utf8') });
  await installCrds(customResourceDefinitions(), { client, clock: new SystemClock(), fieldManager: 'bench' });
  for (const name of [NAMESPACE, 'cost-optimizer']) await client.create(NAMESPACES, { metadata: { name } });
  await client.create(NODES, { metadata: { name: NODE } });
  // The API server refuses a resize that its node could never hold.
  const status = { capacity: AMPLE, allocatable: AMPLE };
  await client.patch(NODES, { name: NODE }, { patch: 'merge', subresource: 'status', body: { status } });
}

function fillHistory(directory: string, workloads: number): void {
  const history = UsageHistory.open(join(directory, 'usage.db'));
  history.import(weekOfUsage(workloads, Date.now()));
  history.close();
}

async function run(contestant: Contestant, around: Surroundings, kubelet: StandInKubelet): Promise<Race> {
  await contestant.prepare(around);
  const command = await contestant.command(around);
  const name = contestant.name.replaceAll(/\W+/g, '-');
  const server = ServerProcess.start({ name, ...command, directory: around.dataDirectory });
  try {
    await sleep(SETTLE_MS);
    await contestant.ready?.(around);
    const idle = usageOf(server.pid);
    const pods = around.load.workloads * around.load.replicas;
    const startedMs = performance.now();
    await contestant.begin(around);
    await eventually(`${String(pods)} pods to be resized`, () => kubelet.resizedAtMs.length >= pods, {
      timeoutMs: TIMEOUT_MS,
      intervalMs: 200,
      hopeless: () => (server.running ? undefined : 'the contestant has ended'),
      evidence: () => `${String(kubelet.resizedAtMs.length)} were; ${server.tail()}`,
    });
    const { cpuSeconds, residentMib } = usageOf(server.pid);
    const seconds = kubelet.resizedAtMs.map((atMs) => (atMs - startedMs) / 1000);
    return resultOf(contestant.name, seconds, { cpuSeconds: cpuSeconds - idle.cpuSeconds, residentMib });
  } finally {
    await server.kill();
  }
}

interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentMib: number;
}

function resultOf(contestant: string, seconds: readonly number[], used: ProcessUsage): Race {
  const last = seconds.at(-1) ?? Number.NaN;
  return {
    contestant,
    pods: seconds.length,
    halfSeconds: seconds[Math.floor(seconds.length / 2)] ?? Number.NaN,
    seconds: last,
    podsPerSecond: seconds.length / last,
    ...used,
  };
}

function usageOf(pid: number | undefined): ProcessUsage {
  const folder = `/proc/${String(pid)}`;
  // The second field, the name in parentheses, may hold spaces.
  const fields = readFileSync(`${folder}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [user = Number.NaN, system = Number.NaN] = [fields[11], fields[12]].map(Number);
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
  return { cpuSeconds: (user + system) / CLOCK_TICKS_PER_SECOND, residentMib: Number(resident) / 1024 };
}

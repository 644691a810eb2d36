/** The estimator as a process beside an API server, a Prometheus with mixed exporters, and sinks where they can be had. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAMESPACES, NODES, PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';
import type { ApiTarget } from '../../testenv/targets/api-target.ts';
import { mixedExporters, type PlacedPod } from './exporters.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const NODE_NAMES = ['legacy-1', 'kepler-1', 'gpu-1', 'npu-1', 'bare-1'];

const PODS_WANTED = [
  { namespace: 'default', name: 'web-5d69f8f4b7-x2x4z', node: 'legacy-1', cpu: '2' },
  { namespace: 'default', name: 'web-5d69f8f4b7-b7c9d', node: 'kepler-1', cpu: '2' },
  { namespace: 'default', name: 'ml-training-0', node: 'gpu-1', cpu: '4', gpu: '1' },
  { namespace: 'kcloud-workloads', name: 'ml-training-1', node: 'gpu-1', cpu: '4', gpu: '1' },
  { namespace: 'kcloud-workloads', name: 'npu-serving-0', node: 'npu-1', cpu: '1' },
  { namespace: 'kcloud-workloads', name: 'batch-0', node: 'bare-1', cpu: '1' },
] as const;

/** Nodes and running pods on them. */
async function fillCluster(client: KubeClient): Promise<readonly PlacedPod[]> {
  await client.create(NAMESPACES, { metadata: { name: 'kcloud-workloads' } });
  for (const name of NODE_NAMES) {
    const gpus: Record<string, string> = name === 'gpu-1' ? { 'nvidia.com/gpu': '2' } : {};
    await client.create(NODES, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } });
    const status = { capacity: { cpu: '16', memory: '64Gi', pods: '110', ...gpus } };
    await client.patch(NODES, { name }, { patch: 'merge', subresource: 'status', body: { status } });
  }
  const placed: PlacedPod[] = [];
  for (const pod of PODS_WANTED) placed.push(await runPod(client, pod));
  return placed;
}

async function runPod(client: KubeClient, pod: (typeof PODS_WANTED)[number]): Promise<PlacedPod> {
  const { namespace, name, node, cpu } = pod;
  const limits: Record<string, string> = 'gpu' in pod ? { 'nvidia.com/gpu': pod.gpu } : {};
  const resources = { requests: { cpu, memory: '1Gi', ...limits }, limits };
  const created = await client.create(PODS, {
    metadata: { namespace, name },
    spec: { nodeName: node, containers: [{ name: 'app', image: 'example/app:1', resources }] },
  });
  const startTime = new Date(Date.now() - 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const body = { status: { phase: 'Running', startTime } };
  await client.patch(PODS, { namespace, name }, { patch: 'merge', subresource: 'status', body });
  return { namespace, name, node, cpu, uid: created.metadata?.uid ?? '' };
}

export interface EstimatorProcess {
  readonly url: string;
  readonly process: ServerProcess;
  log(): string;
}

/** With the seed's variables, and flags. Resolves when it listens. */
export async function startEstimator(
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<EstimatorProcess> {
  const args = [
    join(ROOT, 'src/main.ts'),
    'estimator',
    '--port=0',
    '--host=127.0.0.1',
    `--data-dir=${directory}`,
  ];
  const process_ = ServerProcess.start({
    name: 'estimator',
    command: process.execPath,
    args,
    directory,
    env,
  });
  const log = (): string => readFileSync(process_.logFile, 'utf8');
  const addresses = (): readonly string[] =>
    [...log().matchAll(/"address":"(http:[^"]+)".*estimator listening/g)].map(([, address]) => address ?? '');
  const before = addresses().length;
  const url = await eventually('the estimator to listen', () => addresses()[before], {
    hopeless: () => (process_.running ? undefined : 'it ended'),
    evidence: () => process_.tail(),
  });
  return { url, process: process_, log };
}

export interface Stage {
  readonly pods: readonly PlacedPod[];
  readonly prometheus: PrometheusServer;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function setStage(target: Pick<ApiTarget, 'client' | 'kubeconfigPath'>): Promise<Stage> {
  const pods = await fillCluster(target.client);
  const prometheus = await PrometheusServer.start({ history: [mixedExporters(pods, Date.now())] });
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-estimator-'));
  removeAtExit(directory);
  const env = {
    KUBECONFIG: target.kubeconfigPath,
    POWER_PROMETHEUS_URL: prometheus.url,
    POWER_METRICS_INTERVAL: '2',
    POWER_PROMETHEUS_TIMEOUT: '2',
    ELECTRICITY_RATE: '0.12',
    COOLING_FACTOR: '1.3',
    CARBON_RATE: '0.05',
    REQUESTS_PER_SECOND: '100000',
    REQUEST_BURST: '1000000',
  };
  return { pods, prometheus, directory, env };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export async function ask(url: string, request: string, body?: unknown): Promise<Answer> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const answer = await fetch(url + path, {
    method,
    headers: {
      'x-request-id': 'test-1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: isJson ? (JSON.parse(text) as unknown) : undefined,
  };
}

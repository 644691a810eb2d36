/** A cluster with the seed's workloads, a week of their usage, and the optimizer API beside it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import { freshNamespace } from '../runtime/api-contract.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import type { ApiTarget } from '../../testenv/targets/api-target.ts';
import { type ServiceProcess, startService, whenReady } from './service-process.ts';
import { tokenOf } from './tokens.ts';
import { type Story, writeHistory } from './usage-history.ts';

export interface Stage {
  readonly namespace: string;
  readonly directory: string;
  readonly service: ServiceProcess;
  /** Bearer tokens of callers who may read, may apply too, and may nothing. */
  readonly tokens: { readonly reader: string; readonly writer: string; readonly stranger: string };
  readonly frontend: Deployment;
}

const MIB = 2 ** 20;
export const FRONTEND = 'frontend-web';

/** What a stage needs of a target. */
export type StageTarget = Pick<ApiTarget, 'client' | 'kubeconfigPath'>;

/** The service runs as an administrator, or with the rights of the kubeconfig that is given for it. */
export async function setStage(target: StageTarget, serviceKubeconfig?: string): Promise<Stage> {
  const { client, kubeconfigPath } = target;
  await installCrds(customResourceDefinitions(), { client, clock: new SystemClock(), fieldManager: 'test' });
  const namespace = await freshNamespace(client);
  const frontend = await createWorkload(client, { namespace, name: FRONTEND, replicas: 5 });
  await createWorkload(client, { namespace, name: 'silent-worker', replicas: 1 });
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-optimizer-'));
  removeAtExit(directory);
  const history = join(directory, 'usage.db');
  writeHistory(history, [frontendStory(namespace)]);
  const account = (name: string): string => `system:serviceaccount:${namespace}:${name}`;
  const service = await startService(directory, [
    `--kubeconfig=${serviceKubeconfig ?? kubeconfigPath}`,
    `--history=${history}`,
    '--cluster-name=aws-cluster',
    `--reader=${account('reader')}`,
    `--writer=${account('writer')}`,
    '--requests-per-second=1000',
    '--burst=20000',
  ]);
  await whenReady(service);
  const token = (name: string): Promise<string> => tokenOf(kubeconfigPath, namespace, name);
  const tokens = {
    reader: await token('reader'),
    writer: await token('writer'),
    stranger: await token('stranger'),
  };
  return { namespace, directory, service, tokens, frontend };
}

export function frontendStory(namespace: string): Story {
  return {
    ref: { kind: 'Deployment', namespace, name: FRONTEND },
    container: FRONTEND,
    pods: 5,
    cpuCores: 0.6,
    memoryBytes: 900 * MIB,
  };
}

interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
}

async function createWorkload(
  client: KubeClient,
  { namespace, name, replicas }: Wanted,
): Promise<Deployment> {
  const labels = { app: name };
  // What simulated kubelets see of it: less than it will be resized to.
  const annotations = {
    'playground.kcloud.io/usage': '{ preset: idle, memory: { base: 400Mi, perCore: 0 } }',
  };
  const resources = { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '2', memory: '4Gi' } };
  return client.create(DEPLOYMENTS, {
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name, image: 'nginx:1.27-alpine', resources }] },
      },
    },
  });
}

/** Sends a request as one of the callers and reads its JSON. */
export async function ask(
  { service, tokens }: Pick<Stage, 'service' | 'tokens'>,
  request: string,
  options: { readonly as?: keyof Stage['tokens'] | 'nobody'; readonly body?: unknown } = {},
): Promise<{
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}> {
  const [method = 'GET', path = '/'] = request.split(' ');
  const { as = 'reader', body } = options;
  const response = await fetch(service.url + path, {
    method,
    headers: {
      ...(as === 'nobody' ? {} : { authorization: `Bearer ${tokens[as]}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

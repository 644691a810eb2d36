/** Starts the processes of a control plane and knows when each is ready. */
import { existsSync } from 'node:fs';
import type { Transport } from '#kube/transport/transport.ts';
import type { BinaryName, BinaryPaths } from '../binaries.ts';
import { eventually } from '../processes/eventually.ts';
import { ServerProcess } from '../processes/server-process.ts';
import {
  type ExtraFlags,
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  schedulerFlags,
} from './flags.ts';
import type { Layout } from './layout.ts';

const READY_TIMEOUT_MS = 120_000;
const LOOK_INTERVAL_MS = 25;
const PROBE_TIMEOUT_MS = 5_000;
const DEFAULT_SERVICE_ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/default';

export interface Installation {
  readonly binaries: BinaryPaths;
  readonly layout: Layout;
  readonly extraFlags: ExtraFlags;
}

function start({ binaries, layout }: Installation, name: BinaryName, args: readonly string[]): ServerProcess {
  return ServerProcess.start({ name, command: binaries[name], args, directory: layout.directory });
}

/** Gives up at once, with the end of the log, when the process ends. */
async function untilReady(server: ServerProcess, ready: () => Promise<boolean> | boolean): Promise<void> {
  await eventually(`${server.name} to be ready`, ready, {
    timeoutMs: READY_TIMEOUT_MS,
    intervalMs: LOOK_INTERVAL_MS,
    hopeless: () => (server.running ? undefined : 'the process ended'),
    evidence: () => server.tail(),
  });
}

/** A server that was started, and when it serves: apart, so that a failed start can be cleaned up. */
export interface StartedServer {
  readonly server: ServerProcess;
  readonly ready: Promise<void>;
}

export function startEtcd(installation: Installation): StartedServer {
  const { layout } = installation;
  const server = start(installation, 'etcd', etcdFlags(layout));
  return { server, ready: untilReady(server, () => existsSync(layout.file('etcd.sock'))) };
}

async function isOk(transport: Transport, path: string): Promise<boolean> {
  const response = await transport.send({ method: 'GET', path, headers: {}, timeoutMs: PROBE_TIMEOUT_MS });
  await response.text();
  return response.status === 200;
}

export function startApiServer(
  installation: Installation,
  port: number,
  transport: Transport,
): StartedServer {
  const { layout, extraFlags } = installation;
  const flags = [...apiServerFlags(layout, port), ...(extraFlags.apiServer ?? [])];
  const server = start(installation, 'kube-apiserver', flags);
  return { server, ready: untilReady(server, () => isOk(transport, '/readyz')) };
}

/** Ready, where it keeps service accounts, when it has given the default namespace its own. */
export function startControllerManager(
  installation: Installation,
  controllers: readonly string[],
  transport: Transport,
): StartedServer {
  const { layout, extraFlags } = installation;
  const flags = [...controllerManagerFlags(layout, controllers), ...(extraFlags.controllerManager ?? [])];
  const server = start(installation, 'kube-controller-manager', flags);
  const keepsAccounts = controllers.some((name) => name === '*' || name === 'serviceaccount-controller');
  const ready = (): Promise<boolean> => isOk(transport, DEFAULT_SERVICE_ACCOUNT);
  return { server, ready: keepsAccounts ? untilReady(server, ready) : Promise.resolve() };
}

/** Not waited for: until it works, pods are pending. */
export function startScheduler(installation: Installation): StartedServer {
  const { layout, extraFlags } = installation;
  const flags = [...schedulerFlags(layout), ...(extraFlags.scheduler ?? [])];
  return { server: start(installation, 'kube-scheduler', flags), ready: Promise.resolve() };
}

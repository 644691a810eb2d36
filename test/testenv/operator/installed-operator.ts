/**
 * The operator as a user installs it: the plain manifests on a real API server, and the process under exactly the
 * service account that they make. Simulated kubelets start no processes, so the Deployment is scaled to nothing and
 * the process runs beside the cluster.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../processes/eventually.ts';
import { freePort } from '../processes/ports.ts';
import { removeAtExit } from '../processes/reaper.ts';
import { ServerProcess } from '../processes/server-process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NAMESPACE = 'cost-optimizer';
const ACCOUNT = 'cost-optimizer-operator';
const WEBHOOK_SERVICE = 'cost-optimizer-webhook';
const COLLECT_SECONDS = 5;
/** Short enough for a test to see the next step. */
const ANALYSIS_MINUTES = 0.05;

export interface InstalledOperator {
  readonly url: string;
  /** The present process. */
  process(): ServerProcess;
  /** Kills it as a crash would and starts it anew; resolves when it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Applies the manifests, writes `history` where the process finds it, and starts it with `flags`; resolves when it leads. */
export async function installOperator(
  controlPlane: ControlPlane,
  history: readonly WorkloadUsage[] = [],
  flags: readonly string[] = [],
): Promise<InstalledOperator> {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-operator-'));
  removeAtExit(directory);
  learn(join(directory, 'usage.db'), history);
  const [webhookPort, metricsPort] = [await freePort(), await freePort()];
  await applyManifests(controlPlane, webhookPort);
  const kubeconfig = await controlPlane.serviceAccountKubeconfig(NAMESPACE, ACCOUNT);
  const url = `http://127.0.0.1:${String(metricsPort)}`;
  const start = (): ServerProcess => startProcess({ directory, kubeconfig, webhookPort, metricsPort, flags });
  let process = start();
  await ready(url, process);
  return {
    url,
    process: () => process,
    restart: async () => {
      await process.kill();
      process = start();
      await ready(url, process);
    },
    stop: () => process.kill(),
  };
}

function learn(file: string, usages: readonly WorkloadUsage[]): void {
  const history = UsageHistory.open(file, { rawStepMs: COLLECT_SECONDS * 1000 });
  history.import(usages);
  history.close();
}

async function applyManifests(controlPlane: ControlPlane, webhookPort: number): Promise<void> {
  for (const file of ['crds.yaml', 'operator.yaml']) {
    const objects = documents(file).map((object) => besideTheCluster(object, webhookPort));
    const input = objects.map((object) => stringify(object)).join('---\n');
    await controlPlane.kubectl(['apply', '--server-side', '--filename=-'], { input });
  }
  await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}

function documents(file: string): readonly KubeObject[] {
  const text = readFileSync(join(ROOT, 'deploy/manifests', file), 'utf8');
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** What only a process inside of the cluster needs is changed; rights, webhooks and definitions stay as they are. */
function besideTheCluster(object: KubeObject, webhookPort: number): KubeObject {
  if (object.kind === 'Deployment') {
    const { spec } = object as KubeObject & { readonly spec: object };
    return { ...object, spec: { ...spec, replicas: 0 } } as KubeObject;
  }
  if (object.kind === 'Service' && object.metadata?.name === WEBHOOK_SERVICE) {
    const ports = [{ port: 443, targetPort: webhookPort }];
    return { ...object, spec: { type: 'ExternalName', externalName: 'localhost', ports } } as KubeObject;
  }
  if (object.kind?.endsWith('WebhookConfiguration') === true) return towards(object, webhookPort);
  return object;
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly clientConfig: { readonly service: object } }[];
}

/** An ExternalName service maps no ports. */
function towards(object: WebhookConfiguration, port: number): KubeObject {
  const webhooks = (object.webhooks ?? []).map(({ clientConfig, ...rest }) => ({
    ...rest,
    clientConfig: { ...clientConfig, service: { ...clientConfig.service, port } },
  }));
  return { ...object, webhooks } as KubeObject;
}

interface ProcessParts {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly webhookPort: number;
  readonly metricsPort: number;
  readonly flags: readonly string[];
}

function startProcess(parts: ProcessParts): ServerProcess {
  const { directory, kubeconfig, webhookPort, metricsPort } = parts;
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    `--data-dir=${directory}`,
    `--operator-namespace=${NAMESPACE}`,
    `--metrics-port=${String(metricsPort)}`,
    `--webhook-port=${String(webhookPort)}`,
    `--analysis-minutes=${String(ANALYSIS_MINUTES)}`,
    `--collect-seconds=${String(COLLECT_SECONDS)}`,
    '--metrics-source=embedded',
    '--leader-election',
    '--webhooks',
    ...parts.flags,
  ];
  return ServerProcess.start({
    name: 'operator',
    command: process.execPath,
    args: [join(ROOT, 'src/main.ts'), 'operator', ...flags],
    directory,
  });
}

async function ready(url: string, server: ServerProcess): Promise<void> {
  await eventually('the operator to be ready', async () => (await fetch(`${url}/readyz`)).ok, {
    hopeless: () => (server.running ? undefined : 'it ended'),
    evidence: () => server.tail(),
  });
}

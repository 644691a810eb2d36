/**
 * The operator as an installed one runs, without a container: `kcloud operator` as a process of its own, with the
 * rights of the service account that was installed and nothing else, behind the webhook configurations that were
 * installed. A simulated kubelet runs no images, so the process stands for the pod.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { historyFile } from '#commands/operator/metrics-source.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { type ControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { webhookClientConfig } from '../../testenv/control-plane/registration.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { freePort } from '../../testenv/processes/ports.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { ServerProcess } from '../../testenv/processes/server-process.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NAME = 'cost-optimizer-operator';
const KINDS = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'] as const;

export interface OperatorProcessOptions {
  readonly namespace?: string;
  /** Usage of the days before, as an operator that has run for long would know it. */
  readonly history?: readonly WorkloadUsage[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Its data, which another process may go on with; a folder of its own where absent. */
  readonly directory?: string;
}

export class OperatorProcess {
  readonly metricsUrl: string;
  readonly #process: ServerProcess;

  private constructor(process: ServerProcess, metricsUrl: string) {
    this.#process = process;
    this.metricsUrl = metricsUrl;
  }

  /** A folder for its data, gone when the test ends. */
  static directory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'kcloud-operator-'));
    removeAtExit(directory);
    return directory;
  }

  /** Resolves when it is ready and the API server calls its webhooks. */
  static async start(
    controlPlane: ControlPlane,
    options: OperatorProcessOptions = {},
  ): Promise<OperatorProcess> {
    const { namespace = 'cost-optimizer', env = {}, args = [] } = options;
    const { directory = OperatorProcess.directory() } = options;
    const certificates = writeCertificates(controlPlane, directory);
    learn(directory, options.history ?? []);
    const [metricsPort, webhookPort] = [await freePort(), await freePort()];
    const kubeconfig = await controlPlane.serviceAccountKubeconfig(namespace, NAME);
    const process = ServerProcess.start({
      name: 'operator',
      command: globalThis.process.execPath,
      args: [
        ...[join(ROOT, 'src/main.ts'), 'operator', '--webhooks', `--kubeconfig=${kubeconfig}`],
        ...[`--webhook-port=${String(webhookPort)}`, `--webhook-certificates=${certificates}`, ...args],
      ],
      directory,
      env: {
        POD_NAMESPACE: namespace,
        PROMETHEUS_PORT: String(metricsPort),
        KCLOUD_DATA_DIR: directory,
        LEADER_ELECTION: 'true',
        ...env,
      },
    });
    const operator = new OperatorProcess(process, `http://127.0.0.1:${String(metricsPort)}/metrics`);
    await operator.#untilReady();
    await pointWebhooks(controlPlane, webhookPort);
    return operator;
  }

  get logFile(): string {
    return this.#process.logFile;
  }

  tail(): string {
    return this.#process.tail();
  }

  async #untilReady(): Promise<void> {
    const readyz = this.metricsUrl.replace('/metrics', '/readyz');
    await eventually('the operator to be ready', async () => (await fetch(readyz)).ok, {
      hopeless: () => (this.#process.running ? undefined : 'it has ended'),
      evidence: () => this.#process.tail(),
    });
  }

  stop(): Promise<void> {
    return this.#process.kill();
  }
}

function writeCertificates(controlPlane: ControlPlane, directory: string): string {
  const folder = join(directory, 'certificates');
  mkdirSync(folder, { recursive: true });
  const { certificate, key } = controlPlane.servingCertificate;
  writeFileSync(join(folder, 'tls.crt'), certificate);
  writeFileSync(join(folder, 'tls.key'), key);
  return folder;
}

function learn(directory: string, usages: readonly WorkloadUsage[]): void {
  if (usages.length === 0) return;
  const history = UsageHistory.open(historyFile(directory), { rawStepMs: 30_000 });
  history.import(usages);
  history.close();
}

/** The installed configurations name a Service, which has no pod here: they are given this machine's address. */
async function pointWebhooks(controlPlane: ControlPlane, port: number): Promise<void> {
  for (const kind of KINDS) {
    const text = await controlPlane.kubectl(['get', kind, 'cost-optimizer', '-o', 'json']);
    const { webhooks } = JSON.parse(text) as { readonly webhooks: readonly Webhook[] };
    const patch = webhooks.map(({ clientConfig }, index) => ({
      op: 'replace',
      path: `/webhooks/${String(index)}/clientConfig`,
      value: webhookClientConfig(controlPlane, port, pathOf(clientConfig)),
    }));
    const args = ['patch', kind, 'cost-optimizer', '--type=json', '-p', JSON.stringify(patch)];
    await controlPlane.kubectl(args);
  }
}

interface Webhook {
  readonly clientConfig: { readonly url?: string; readonly service?: { readonly path: string } };
}

/** As it was installed, or as an earlier process left it. */
function pathOf({ service, url = '' }: Webhook['clientConfig']): string {
  return service?.path ?? new URL(url).pathname;
}

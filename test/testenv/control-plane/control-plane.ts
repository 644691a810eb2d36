/**
 * A real Kubernetes control plane as plain processes on the loopback address: etcd, kube-apiserver with RBAC and
 * aggregation and, if wished, kube-controller-manager and kube-scheduler. Several may run at once; each lives in a
 * temporary folder and none outlives the process that started it.
 */
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { KubeClient } from '#kube/client/kube-client.ts';
import { connect } from '#kube/config/connect.ts';
import { loadConfig } from '#kube/config/load-config.ts';
import type { HttpTransport } from '#kube/transport/http-transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { ensureControlPlaneBinaries } from '../binaries.ts';
import { freePort } from '../processes/ports.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import { recordRealComponent } from '../real-components.ts';
import { type Certificates, type KeyPair, certificates } from './certificates.ts';
import type { ExtraFlags } from './flags.ts';
import { clientTransport } from './client-transport.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { runKubectl } from './kubectl.ts';
import { createLayout } from './layout.ts';
import {
  type Installation,
  type StartedServer,
  startApiServer,
  startControllerManager,
  startEtcd,
  startScheduler,
} from './processes.ts';

/** Namespaces that end, owners that are collected, and service accounts, without which no pod is admitted. */
export const API_CONTROLLERS: readonly string[] = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
];

export interface ControlPlaneOptions {
  /** As kube-controller-manager names them; all by default. With an empty list the manager is not started. */
  readonly controllers?: readonly string[];
  /** True by default. */
  readonly scheduler?: boolean;
  readonly extraFlags?: ExtraFlags;
}

/** For HTTPS servers of a test on localhost: PEM texts, and the authority to be named in a caBundle. */
export interface ServingCertificate extends KeyPair {
  readonly authority: string;
}

export interface KubectlOptions {
  /** Standard input, e.g. manifests for `apply -f -`. */
  readonly input?: string;
  /** The administrator's by default. */
  readonly kubeconfigPath?: string;
}

interface Parts {
  readonly installation: Installation;
  readonly certificates: Certificates;
  readonly port: number;
}

/** Starts a control plane; resolves when it serves and its controllers work. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const found = await ensureControlPlaneBinaries();
  if (found.problem !== undefined) throw new Error(found.problem);
  const port = await freePort();
  const made = await certificates();
  const layout = createLayout(made, `https://127.0.0.1:${String(port)}`);
  const installation = { binaries: found.paths, layout, extraFlags: options.extraFlags ?? {} };
  return ControlPlane.start({ installation, certificates: made, port }, options);
}

export class ControlPlane {
  readonly url: string;
  /** The administrator's (system:masters). */
  readonly kubeconfigPath: string;
  readonly transport: HttpTransport;
  readonly client: KubeClient;
  readonly #parts: Parts;
  readonly #others: ServerProcess[] = [];
  #apiServer: ServerProcess | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.url = `https://127.0.0.1:${String(parts.port)}`;
    this.kubeconfigPath = parts.installation.layout.kubeconfig('admin');
    const { authority, admin } = parts.certificates;
    this.transport = clientTransport({ url: this.url, authority: authority.certificate, user: admin });
    this.client = new KubeClient(this.transport);
  }

  static async start(parts: Parts, options: ControlPlaneOptions): Promise<ControlPlane> {
    const controlPlane = new ControlPlane(parts);
    try {
      await controlPlane.#startAll(options);
      return controlPlane;
    } catch (error) {
      await controlPlane.stop();
      throw error;
    }
  }

  async #startAll({ controllers = ['*'], scheduler = true }: ControlPlaneOptions): Promise<void> {
    const { installation } = this.#parts;
    await this.#keep(startEtcd(installation));
    await this.#serve();
    recordRealComponent(`kube-apiserver ${await this.version()}`);
    if (scheduler) await this.#keep(startScheduler(installation));
    if (controllers.length > 0) {
      await this.#keep(startControllerManager(installation, controllers, this.transport));
    }
  }

  #keep({ server, ready }: StartedServer): Promise<void> {
    this.#others.push(server);
    return ready;
  }

  #serve(): Promise<void> {
    const { server, ready } = startApiServer(this.#parts.installation, this.#parts.port, this.transport);
    this.#apiServer = server;
    return ready;
  }

  /** What the API server calls itself, e.g. `v1.36.3`. */
  async version(): Promise<string> {
    const version = await this.client.raw('/version');
    return typeof version === 'object' && version !== null && 'gitVersion' in version
      ? String(version.gitVersion)
      : 'of unknown version';
  }

  /** Kills the API server as a crash would and starts it again at the same address; resolves when it serves. */
  async restartApiServer(): Promise<void> {
    await this.#apiServer?.kill();
    await this.#serve();
  }

  /** Connections stay open and nothing answers, as with a server that hangs. */
  pauseApiServer(): void {
    this.#apiServer?.pause();
  }

  resumeApiServer(): void {
    this.#apiServer?.resume();
  }

  /** Runs the real kubectl and returns what it printed; throws with its error where it fails. */
  kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
    const { binaries, layout } = this.#parts.installation;
    return runKubectl({
      command: binaries.kubectl,
      kubeconfigPath: options.kubeconfigPath ?? this.kubeconfigPath,
      directory: layout.directory,
      args,
      input: options.input,
    });
  }

  /** The path of a kubeconfig that holds a service account's token and thereby exactly its rights. */
  async serviceAccountKubeconfig(namespace: string, name: string): Promise<string> {
    const token = await this.kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=24h']);
    const path = this.#parts.installation.layout.file(`${namespace}.${name}.kubeconfig`);
    const authority = this.#parts.certificates.authority.certificate;
    const text = kubeconfigText({ url: this.url, authority, user: { token: token.trim() } });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** A client with the rights of a kubeconfig, loaded as the product loads it. */
  async clientAs(kubeconfigPath: string): Promise<KubeClient> {
    const clock = new SystemClock();
    return new KubeClient(connect(await loadConfig({ kubeconfig: kubeconfigPath, clock }), clock));
  }

  /** Good for any server of a test on localhost that the API server calls: webhooks, aggregated APIs. */
  get servingCertificate(): ServingCertificate {
    const { loopbackServer, authority } = this.#parts.certificates;
    return { ...loopbackServer, authority: authority.certificate };
  }

  /** Kills everything and removes the folder. */
  async stop(): Promise<void> {
    this.transport.close();
    const servers = [...this.#others, ...(this.#apiServer === undefined ? [] : [this.#apiServer])];
    await Promise.all(servers.map((server) => server.kill()));
    await rm(this.#parts.installation.layout.directory, { recursive: true, force: true });
  }
}

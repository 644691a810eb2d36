/**
 * Finds out which cluster to talk to. In this order, as controller-runtime does: the file named with --kubeconfig, the
 * files in KUBECONFIG, the service account where this is a pod, ~/.kube/config.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isatty } from 'node:tty';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { TlsSettings } from '../transport/http-agents.ts';
import { ANONYMOUS } from '../transport/credentials.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { type Environment, inClusterConfig } from './in-cluster.ts';
import { type Entry, type Kubeconfig, mergeKubeconfigs, pemOf, readKubeconfig } from './kubeconfig-file.ts';
import { userCredentials } from './user-credentials.ts';

export interface LoadOptions {
  readonly clock: Clock;
  /** `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** `--context`. */
  readonly context?: string | undefined;
  /** `--namespace`. */
  readonly namespace?: string | undefined;
  /** Default the process's own. */
  readonly environment?: Environment;
  /** The home folder; for tests. */
  readonly home?: string;
  /** Where a pod finds its service account; for tests. */
  readonly serviceAccountFolder?: string;
  /** Whether a credential plugin may ask at the terminal; default: whether there is one. */
  readonly interactive?: boolean;
}

/** Throws KC_KUBECONFIG_INVALID where nothing usable is found, and says what was looked at. */
export async function loadConfig(options: LoadOptions): Promise<ClusterConfig> {
  const environment = options.environment ?? process.env;
  const named = filesNamed(options, environment);
  if (named.length === 0 && options.context === undefined) {
    const config = inClusterConfig(environment, options.clock, options.serviceAccountFolder);
    if (config !== undefined) return withNamespace(config, options.namespace);
  }
  const files = named.length > 0 ? named : [join(options.home ?? homedir(), '.kube', 'config')];
  const config = await readAll(files, options);
  return withNamespace(clusterConfig(config, files, options), options.namespace);
}

function filesNamed(options: LoadOptions, environment: Environment): readonly string[] {
  if (options.kubeconfig !== undefined) return [options.kubeconfig];
  return (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
}

/** Files of a KUBECONFIG list may be missing, as for kubectl; one that was named alone may not. */
async function readAll(files: readonly string[], options: LoadOptions): Promise<Kubeconfig> {
  const isNamed = options.kubeconfig !== undefined;
  const configs = (await Promise.all(files.map(readKubeconfig))).filter((config) => config !== undefined);
  if (configs.length > 0) return mergeKubeconfigs(configs);
  const problem = `there is no kubeconfig at ${files.join(', ')}`;
  const fix = isNamed ? 'correct --kubeconfig' : 'name one with --kubeconfig or KUBECONFIG, or run in a pod';
  throw new KcError('KC_KUBECONFIG_INVALID', { problem, fix });
}

function clusterConfig(config: Kubeconfig, files: readonly string[], options: LoadOptions): ClusterConfig {
  const name = options.context ?? config.currentContext;
  if (name === undefined) {
    throw missing('no current context is set', 'context', [...config.contexts.keys()]);
  }
  const context = find(config.contexts, name, 'context');
  const cluster = find(config.clusters, context.fields.requiredText('cluster'), 'cluster');
  const userName = context.fields.text('user');
  const settings = tlsOf(cluster);
  const user = userName === undefined ? undefined : find(config.users, userName, 'user');
  const proxyUrl = proxyOf(cluster);
  const pluginContext = {
    clock: options.clock,
    cluster: execCluster(cluster, settings),
    interactive: options.interactive ?? isatty(0),
  };
  return {
    server: cluster.fields.requiredText('server'),
    namespace: context.fields.text('namespace') ?? 'default',
    tls: () => settings,
    credentials: user === undefined ? ANONYMOUS : userCredentials(user, pluginContext),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    origin: `context ${name} of ${files.filter((file) => existsSync(file)).join(', ')}`,
  };
}

function tlsOf(cluster: Entry): TlsSettings {
  const ca = pemOf(cluster, 'certificate-authority');
  const serverName = cluster.fields.text('tls-server-name');
  const insecure = cluster.fields.flag('insecure-skip-tls-verify');
  if (insecure && ca !== undefined) {
    const problem = 'insecure-skip-tls-verify and certificate-authority exclude each other';
    throw new KcError('KC_KUBECONFIG_INVALID', { field: cluster.fields.place, problem });
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(insecure ? { insecure } : {}),
  };
}

function proxyOf(cluster: Entry): string | undefined {
  const proxyUrl = cluster.fields.text('proxy-url');
  if (proxyUrl !== undefined && !/^https?:\/\//.test(proxyUrl)) {
    const field = `${cluster.fields.place}.proxy-url`;
    throw new KcError('KC_KUBECONFIG_INVALID', { field, problem: `"${proxyUrl}" is not an http(s) proxy` });
  }
  return proxyUrl;
}

/** The cluster as an ExecCredential describes it. */
function execCluster(cluster: Entry, settings: TlsSettings): Record<string, unknown> {
  const { ca, serverName, insecure } = settings;
  return {
    server: cluster.fields.text('server'),
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(serverName === undefined ? {} : { 'tls-server-name': serverName }),
    ...(insecure === true ? { 'insecure-skip-tls-verify': true } : {}),
  };
}

function find(entries: ReadonlyMap<string, Entry>, name: string, kind: string): Entry {
  const entry = entries.get(name);
  if (entry === undefined) throw missing(`there is no ${kind} "${name}"`, kind, [...entries.keys()]);
  return entry;
}

function missing(problem: string, kind: string, known: readonly string[]): KcError {
  const fix =
    known.length === 0 ? `the kubeconfig has no ${kind} at all` : `the kubeconfig has ${known.join(', ')}`;
  return new KcError('KC_KUBECONFIG_INVALID', { field: kind, problem, fix });
}

function withNamespace(config: ClusterConfig, namespace: string | undefined): ClusterConfig {
  return namespace === undefined ? config : { ...config, namespace };
}

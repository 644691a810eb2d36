/** `kcloud playground`: a Kubernetes cluster in this process, for kubectl and for KCloud itself. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SystemClock } from '#platform/clock.ts';
import { writeKubeconfig } from '#playground/api-server/http/kubeconfig.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { loadManifests } from './load-manifests.ts';
import { type LocalCluster, startLocalCluster } from './local-cluster.ts';
import { DEFAULT_NODES, parseNodeGroups } from './node-groups.ts';

const flags = defineFlags({
  nodes: {
    type: 'list',
    describe: `machines, as <instance type>[:spot]=<count>; may be repeated; ${DEFAULT_NODES.join(' and ')} where absent`,
  },
  load: { type: 'list', describe: 'YAML file to apply at the start; may be repeated' },
  seed: { type: 'number', default: 1, min: 0, describe: 'decides demand, noise and names' },
  port: {
    type: 'number',
    default: 0,
    min: 0,
    max: 65_535,
    describe: 'of the API server; 0 takes a free one',
  },
  kubeconfig: {
    type: 'text',
    describe: 'where the kubeconfig is written; a new temporary file where absent',
  },
  rbac: { type: 'switch', describe: 'ask roles and bindings, as a real cluster does' },
});
type Values = FlagValues<typeof flags>;

export const playgroundCommand = defineCommand({
  name: 'playground',
  summary: 'Run a simulated cluster with its own Kubernetes API, until stopped.',
  usage: [
    'kcloud playground [--load <file>] [--nodes <type>=<count>] [--seed <number>] [--port <number>]',
    '',
    'Nodes, pods and their usage are simulated in real time; the API is spoken as Kubernetes speaks it, so that',
    'kubectl, kcloud operator and anything else work on it. Nothing is installed and nothing is left behind.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    const nodes = parseNodeGroups(values.nodes.length === 0 ? DEFAULT_NODES : values.nodes);
    context.terminal.note('starting a simulated cluster\n');
    await using cluster = await startLocalCluster({ ...values, nodes });
    await using file = kubeconfigFile(values, cluster.url);
    const loaded = await loadManifests(values.load, { client: cluster.client, clock: new SystemClock() });
    context.terminal.write(introduction({ cluster, path: file.path, nodes: nodes.length, loaded }));
    await stopped(context);
    return 0;
  },
});

interface KubeconfigFile extends AsyncDisposable {
  readonly path: string;
}

/** A file that is of no use when the cluster is gone goes with it. */
function kubeconfigFile({ kubeconfig }: Values, url: string): KubeconfigFile {
  const path = resolve(kubeconfig ?? join(mkdtempSync(join(tmpdir(), 'kcloud-playground-')), 'kubeconfig'));
  mkdirSync(dirname(path), { recursive: true });
  writeKubeconfig(path, { url });
  const remove = () => {
    rmSync(kubeconfig === undefined ? dirname(path) : path, { recursive: true, force: true });
    return Promise.resolve();
  };
  return { path, [Symbol.asyncDispose]: remove };
}

interface Introduction {
  readonly cluster: LocalCluster;
  readonly path: string;
  readonly nodes: number;
  readonly loaded: number;
}

function introduction({ cluster, path, nodes, loaded }: Introduction): string {
  return [
    `A simulated cluster of ${nodes} nodes answers at ${cluster.url}; ${loaded} objects were loaded.`,
    '',
    'In another terminal:',
    `  export KUBECONFIG=${path}`,
    '  kubectl get nodes',
    ...(loaded > 0 ? [] : ['  kubectl apply -f deploy/examples/test-workloads.yaml']),
    '  kubectl get pods --watch',
    '  kubectl top pods             # half a minute after they started',
    '  kcloud operator              # right-sizes what CostOptimizations ask for',
    '  kubectl apply -f deploy/examples/cpu-optimization.yaml',
    '',
    'Ctrl-C ends it, and everything in it.',
    '',
  ].join('\n');
}

function stopped({ signal }: CommandContext): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => { done(); }, { once: true }); // prettier-ignore
  });
}

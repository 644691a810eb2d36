/** Who resizes: each is a process on the control plane, and a way to tell it to begin. */
import { join } from 'node:path';
import { imageProcess } from '../../operator/image-process.ts';
import { createOptimizations, each, type Load, nameOf, NAMESPACE } from '../../operator/load.ts';
import { APPROVE, type CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { freePort } from '#test/testenv/processes/ports.ts';
import { autoscalerOf, AUTOSCALERS } from '../autoscalers.ts';

export interface Surroundings {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  readonly load: Load;
  /** With a week of usage in it, for who needs one. */
  readonly dataDirectory: string;
}

export interface Contestant {
  readonly name: string;
  /** What its process needs to find when it starts. */
  readonly prepare: (around: Surroundings) => Promise<void>;
  readonly command: (around: Surroundings) => Promise<Command>;
  /** What its process must have done before it is told to begin. */
  readonly ready?: (around: Surroundings) => Promise<void>;
  /** From its first write on the clock runs. */
  readonly begin: (around: Surroundings) => Promise<void>;
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The CPU request before, and what VPA's recommendation says; ours finds half of it by itself. */
export const ORIGINAL_CORES = 1;
const TARGET = { cpu: '500m', memory: '1Gi' };

async function createAutoscalers({ client, load }: Surroundings): Promise<void> {
  await each(load.workloads, (index) =>
    client.create(
      AUTOSCALERS,
      autoscalerOf({ namespace: NAMESPACE, name: nameOf(index) }, 'InPlaceOrRecreate'),
    ),
  );
}

/** Writes what the recommender would: the present size lies above the upper bound, which calls for an update. */
async function recommend({ client, load }: Surroundings): Promise<void> {
  const bounds = { lowerBound: { cpu: '400m', memory: '1Gi' }, upperBound: { cpu: '600m', memory: '1Gi' } };
  const container = { containerName: 'app', target: TARGET, uncappedTarget: TARGET, ...bounds };
  const body = { status: { recommendation: { containerRecommendations: [container] } } };
  await each(load.workloads, (index) =>
    client.patch(
      AUTOSCALERS,
      { namespace: NAMESPACE, name: nameOf(index) },
      { patch: 'merge', subresource: 'status', body },
    ),
  );
}

const autoscaled = { prepare: createAutoscalers, begin: recommend };

/** No admission controller runs, so its lease is not asked for; pods are resized, never made anew. */
export function vpaUpdater(name: string, binary: string, flags: readonly string[] = []): Contestant {
  return {
    name,
    ...autoscaled,
    command: async ({ kubeconfig }) => ({
      command: binary,
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--address=127.0.0.1:${String(await freePort())}`,
        '--use-admission-controller-status=false',
        ...flags,
      ],
    }),
  };
}

const BUNDLE = join(import.meta.dirname, '../../../dist/kcloud.js');

export const KCLOUD_OPENED_UP: readonly string[] = ['--api-qps=1000', '--workers=10'];

export const OPENED_UP: readonly string[] = [
  '--updater-interval=1s',
  '--kube-api-qps=1000',
  '--kube-api-burst=2000',
  '--in-place-skip-disruption-budget=true',
];

export function controllerRuntime(name: string, binary: string, flags: readonly string[] = []): Contestant {
  return {
    name,
    ...autoscaled,
    command: ({ kubeconfig }) =>
      Promise.resolve({ command: binary, args: [`--kubeconfig=${kubeconfig}`, ...flags] }),
  };
}

/** `python` has kopf and kubernetes. */
export function kopf(python: string): Contestant {
  const file = join(import.meta.dirname, 'kopf_peer.py');
  return {
    name: 'kopf, resize only',
    ...autoscaled,
    command: ({ kubeconfig }) =>
      Promise.resolve({
        command: python,
        args: ['-m', 'kopf', 'run', '--all-namespaces', '--standalone', '--quiet', file],
        env: { KUBECONFIG: kubeconfig },
      }),
  };
}

/** The bundle as the image runs it. */
function bundle({ kubeconfig, dataDirectory }: Surroundings, flags: readonly string[]): Promise<Command> {
  const { env, nodeFlags } = imageProcess();
  const own = [
    `--kubeconfig=${kubeconfig}`,
    `--data-dir=${dataDirectory}`,
    '--metrics-source=embedded',
    '--metrics-port=0',
  ];
  return Promise.resolve({
    command: process.execPath,
    env,
    args: [...nodeFlags, BUNDLE, 'operator', ...own, ...flags],
  });
}

const WISH = {
  optimizationType: 'CPU',
  dryRun: false,
  minConfidence: 0.5,
  updateStrategy: 'InPlace',
} as const;

/** Analyses usage, decides and resizes: the work of VPA's recommender and updater. */
export function kcloud(name: string, flags: readonly string[] = []): Contestant {
  return {
    name,
    prepare: () => Promise.resolve(),
    command: (around) => bundle(around, flags),
    begin: ({ client, load }) => createOptimizations(client, load.workloads, { ...WISH, autoApply: true }),
  };
}

/** Has its recommendations, as the others have theirs, and waits for approvals. */
export function kcloudApproved(name: string, flags: readonly string[] = []): Contestant {
  return {
    name,
    prepare: () => Promise.resolve(),
    command: (around) => bundle(around, flags),
    ready: async ({ client, load }) => {
      await createOptimizations(client, load.workloads, { ...WISH, autoApply: false });
      await eventually('recommendations', async () => (await recommended(client)).length === load.workloads, {
        timeoutMs: 600_000,
        intervalMs: 1000,
      });
    },
    begin: async ({ client }) => {
      const found = await recommended(client);
      await each(found.length, async (index) => {
        const { metadata, status } = found[index] ?? {};
        const body = { metadata: { annotations: { [APPROVE]: status?.currentRecommendation?.id } } };
        const key = { namespace: NAMESPACE, name: metadata?.name ?? '' };
        await client.patch(COST_OPTIMIZATIONS, key, { patch: 'merge', body });
      });
    },
  };
}

async function recommended(client: KubeClient): Promise<readonly CostOptimization[]> {
  const { items } = await client.list(COST_OPTIMIZATIONS, { namespace: NAMESPACE });
  return items.filter(({ status }) => status?.currentRecommendation !== undefined);
}

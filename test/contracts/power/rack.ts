/**
 * A rack of machines, each measured in another way. What they draw is told once, here; expositions and expectations are
 * made from it. Two of them draw exactly what the model says of machines like them, so that model and measurement must
 * agree.
 */
import { PowerCluster } from '#adapters/power/testing/power-cluster.ts';

/** 8 threads of Ice Lake: 0.767 W each idle and 2.991 W more each at work; memory as usual for them. */
export const IDLE_WATTS = 8 * 0.767;
export const WATTS_PER_CORE = 3.758 - 0.767;
const MACHINE = { 'node.kubernetes.io/instance-type': 'm6i.2xlarge' };
const CAPACITY = { cpu: '8', memory: '12800M' };

export interface RackPod {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  /** Cores requested and used, and GPUs or NPUs requested, by container. */
  readonly containers: Readonly<
    Record<
      string,
      { readonly request?: number; readonly use: number; readonly devices?: Readonly<Record<string, string>> }
    >
  >;
  readonly annotations?: Readonly<Record<string, string>>;
}

function one(node: string, pod: string, devices?: Readonly<Record<string, string>>): RackPod {
  const app = devices === undefined ? { request: 1, use: 1 } : { request: 1, use: 1, devices };
  return { node, namespace: 'team-a', pod, containers: { app } };
}

/** The machines that are measured and modelled alike. */
export const PLAIN_PODS: readonly RackPod[] = [
  {
    node: 'bm-1',
    namespace: 'team-a',
    pod: 'web',
    containers: { app: { request: 2, use: 1.5 }, side: { request: 0.5, use: 0.25 } },
  },
  { node: 'bm-1', namespace: 'team-b', pod: 'etl', containers: { main: { request: 1, use: 2 } } },
  { node: 'bm-2', namespace: 'team-a', pod: 'api', containers: { app: { request: 4, use: 3 } } },
];
/** With what runs outside of containers. */
export const PLAIN_NODES: Readonly<Record<string, number>> = { 'bm-1': 4, 'bm-2': 3.5 };

const GPU = { 'nvidia.com/gpu': '1' };

export const OTHER_PODS: readonly RackPod[] = [
  one('bm-3', 'moving'),
  one('gpu-1', 'slice-1', GPU),
  one('gpu-1', 'slice-2', GPU),
  one('gpu-2', 'mig-big', { 'nvidia.com/mig-3g.20gb': '1' }),
  one('gpu-2', 'mig-small', { 'nvidia.com/mig-1g.5gb': '1' }),
  {
    ...one('gpu-3', 'hami-1', GPU),
    annotations: { 'hami.io/vgpu-devices-allocated': 'GPU-h,NVIDIA,12000,30:;' },
  },
  {
    ...one('gpu-3', 'hami-2', GPU),
    annotations: { 'hami.io/vgpu-devices-allocated': 'GPU-h,NVIDIA,24000,60:;' },
  },
  one('amd-1', 'rocm-1', { 'amd.com/gpu': '1' }),
  one('amd-1', 'rocm-2', { 'amd.com/gpu': '1' }),
  one('npu-1', 'atom', { 'rebellions.ai/ATOM': '1' }),
  one('npu-2', 'rngd', { 'furiosa.ai/rngd': '1' }),
  one('vm-1', 'guest'),
  { ...one('scaph-1', 'loud'), containers: { app: { use: 3 } } },
  { ...one('scaph-1', 'quiet'), containers: { app: { use: 1 } } },
  one('bare-1', 'unseen'),
];

const DEVICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'gpu-1': { 'nvidia.com/gpu': '8' },
  'gpu-2': { 'nvidia.com/mig-3g.20gb': '1', 'nvidia.com/mig-1g.5gb': '1' },
  'gpu-3': { 'nvidia.com/gpu': '10' },
  'amd-1': { 'amd.com/gpu': '8' },
  'npu-1': { 'rebellions.ai/ATOM': '2' },
  'npu-2': { 'furiosa.ai/rngd': '2' },
};

export interface Rack {
  readonly cluster: PowerCluster;
  uidOf(pod: string, namespace?: string): Promise<string>;
}

export interface RackShape {
  readonly pods: readonly RackPod[];
  /** When its use was measured. */
  readonly atMs: number;
}

/** The nodes of the pods, and what they use as metrics.k8s.io has it. */
export async function buildRack({ pods, atMs }: RackShape): Promise<Rack> {
  const cluster = new PowerCluster();
  for (const node of new Set(pods.map((pod) => pod.node))) {
    await cluster.addNode(node, { labels: MACHINE, capacity: { ...CAPACITY, ...DEVICES[node] } });
    const cores = PLAIN_NODES[node];
    if (cores !== undefined) await cluster.nodeUses(node, String(cores));
  }
  for (const { annotations = {}, containers, namespace, node, pod } of pods) {
    const requests = Object.entries(containers).map(
      ([name, { devices = {}, request }]): [string, Record<string, string>] => [
        name,
        { ...(request === undefined ? {} : { cpu: String(request) }), ...devices },
      ],
    );
    await cluster.addPod(pod, {
      node,
      namespace,
      annotations,
      containers: Object.fromEntries(requests),
      owner: pod,
    });
  }
  await tellUse(cluster, { pods, atMs });
  return { cluster, uidOf: (pod, namespace = 'team-a') => cluster.uidOf(pod, namespace) };
}

export async function tellUse(cluster: PowerCluster, { pods, atMs }: RackShape): Promise<void> {
  for (const { containers, namespace, pod } of pods) {
    const cores = Object.entries(containers).map(([name, { use }]): [string, string] => [name, String(use)]);
    await cluster.podUses(pod, { namespace, atMs, cores: Object.fromEntries(cores) });
  }
}

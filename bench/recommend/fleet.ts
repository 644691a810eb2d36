/** A cluster of as many containers as are asked for: workloads of uneven size, namespaces of uneven size, some sidecars. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, NAMESPACES, NODES, PODS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { nodeObject } from '#playground/fleet/nodes/node-object.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';

export interface FleetWorkload {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
  /** Empty for a StatefulSet. */
  readonly replicaSet: string;
  readonly pods: readonly string[];
  readonly containers: readonly string[];
  /** What each container asks for. */
  readonly cores: number;
  readonly mebibytes: number;
}

const NAMESPACE_COUNT = 60;
const PODS_PER_NODE = 40;
/** Letters that Kubernetes' random parts are made of. */
const RANDOM = 'bcdfghjklmnpqrstvwxz2456789';
const AT_ONCE = 64;

/** The last workload is cut so that the containers come out exactly. */
export function fleetOf(containers: number): readonly FleetWorkload[] {
  const workloads: FleetWorkload[] = [];
  for (let left = containers, index = 0; left > 0; index += 1) {
    const perPod = index % 3 === 0 && left > 1 ? 2 : 1;
    const pods = Math.max(1, Math.min(1 + (index % 6), Math.floor(left / perPod)));
    workloads.push(workload(index, pods, perPod));
    left -= pods * perPod;
  }
  return workloads;
}

function workload(index: number, pods: number, perPod: number): FleetWorkload {
  // A fifth of everything stands in one namespace, as it does where nobody has cleaned up.
  const namespace = index % 5 === 0 ? 'default' : `team-${String(index % NAMESPACE_COUNT)}`;
  const name = `app-${String(index).padStart(5, '0')}`;
  const kind = index % 10 === 7 ? 'StatefulSet' : 'Deployment';
  const replicaSet = kind === 'Deployment' ? `${name}-${hash(index)}` : '';
  return {
    kind,
    namespace,
    name,
    replicaSet,
    pods: Array.from({ length: pods }, (_, pod) =>
      kind === 'Deployment' ? `${replicaSet}-${random(index * 7 + pod)}` : `${name}-${String(pod)}`,
    ),
    containers: perPod === 2 ? ['app', 'proxy'] : ['app'],
    cores: [0.25, 0.5, 1, 2][index % 4] ?? 1,
    mebibytes: [256, 512, 1024, 4096][(index >> 2) % 4] ?? 512,
  };
}

/** As the hash of a template reads: ten characters of its alphabet. */
function hash(index: number): string {
  const digits = String(1_000_000_000 + ((index * 2_654_435_761) % 3_000_000_000));
  return digits.replaceAll(/\d/g, (digit) => '456789bcdf'[Number(digit)] ?? '4');
}

function random(seed: number): string {
  let text = '';
  for (let place = 0, rest = seed * 48_271 + 11; place < 5; place += 1, rest = Math.floor(rest / 3) + seed)
    text += RANDOM[rest % RANDOM.length] ?? 'b';
  return text;
}

export const containersIn = (workloads: readonly FleetWorkload[]): number =>
  workloads.reduce((sum, { pods, containers }) => sum + pods.length * containers.length, 0);

/** Creates everything that `kcloud recommend` reads of a cluster. */
export async function createFleet(client: KubeClient, workloads: readonly FleetWorkload[]): Promise<void> {
  const pods = workloads.reduce((sum, each) => sum + each.pods.length, 0);
  const nodes = nodeObjects(Math.ceil(pods / PODS_PER_NODE));
  const names = nodes.map(({ metadata }) => metadata?.name ?? '');
  for (const node of nodes) await client.create(NODES, node);
  const namespaces = new Set(workloads.map(({ namespace }) => namespace));
  namespaces.delete('default');
  for (const name of namespaces) await client.create(NAMESPACES, { metadata: { name } });
  for (let first = 0; first < workloads.length; first += AT_ONCE) {
    const some = workloads.slice(first, first + AT_ONCE);
    await Promise.all(some.map((each, index) => createWorkload(client, each, names[(first + index) % names.length] ?? ''))); // prettier-ignore
  }
}

function nodeObjects(count: number): readonly Node[] {
  return nodesOf({ instanceType: 'm6i.4xlarge', count }).map(nodeObject);
}

async function createWorkload(client: KubeClient, fleet: FleetWorkload, node: string): Promise<void> {
  const object = { metadata: { namespace: fleet.namespace, name: fleet.name }, spec: specOf(fleet) };
  if (fleet.kind === 'Deployment') await client.create(DEPLOYMENTS, object);
  else await client.create(STATEFUL_SETS, object);
  for (const pod of fleet.pods) await client.create(PODS, podOf(fleet, pod, node));
}

function specOf(fleet: FleetWorkload) {
  const { name, pods } = fleet;
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: containersOf(fleet) } };
  return { replicas: pods.length, serviceName: name, selector: { matchLabels: labels }, template };
}

function containersOf({ containers, cores, mebibytes }: FleetWorkload) {
  const size = { cpu: `${String(cores * 1000)}m`, memory: `${String(mebibytes)}Mi` };
  return containers.map((name) => ({
    name,
    image: `${name}:1`,
    resources: { requests: size, limits: size },
  }));
}

function podOf(fleet: FleetWorkload, name: string, nodeName: string): Pod {
  const { kind, namespace, replicaSet } = fleet;
  const owner = kind === 'Deployment' ? { kind: 'ReplicaSet', name: replicaSet } : { kind, name: fleet.name };
  const ownerReferences = [{ apiVersion: 'apps/v1', ...owner, uid: `${namespace}-${owner.name}`, controller: true }]; // prettier-ignore
  return {
    metadata: { namespace, name, labels: { app: fleet.name }, ownerReferences },
    spec: { nodeName, containers: containersOf(fleet) },
  };
}

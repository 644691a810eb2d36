/** A cluster for the tests of power: nodes, pods and what they use, behind the wire. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { rfc3339 } from '#platform/clock.ts';
import { POD_METRICS } from '../../metrics/embedded/collector/metrics-api.ts';

export interface NodeShape {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly address?: string;
}

export interface PodShape {
  readonly node: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Requests by container. */
  readonly containers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly startedMs?: number;
  /** The StatefulSet that it belongs to. */
  readonly owner?: string;
  readonly ip?: string;
  readonly phase?: string;
}

/** `cores` by container. */
export interface PodUse {
  readonly namespace?: string;
  readonly atMs: number;
  readonly cores: Readonly<Record<string, string>>;
}

const NODE_METRICS: ResourceType = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
};

function ownedBy(name: string): Pick<NonNullable<Pod['metadata']>, 'ownerReferences'> {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: `${name}-uid`, controller: true };
  return { ownerReferences: [owner] };
}

export class PowerCluster {
  readonly server: FakeApiServer;
  readonly client: KubeClient;

  /** Its objects are as old as that. */
  constructor(createdMs = 0) {
    this.server = new FakeApiServer({ clock: new ManualClock(createdMs) });
    this.client = new KubeClient(this.server);
  }

  async addNode(name: string, shape: NodeShape = {}): Promise<void> {
    const { labels = {}, annotations = {}, capacity = { cpu: '8', memory: '16G' }, address } = shape;
    const addresses = address === undefined ? [] : [{ type: 'InternalIP', address }];
    const node: Node = { metadata: { name, labels, annotations }, status: { capacity, addresses } };
    await this.client.create(NODES, node);
  }

  async addPod(name: string, shape: PodShape): Promise<void> {
    const {
      annotations = {},
      containers,
      ip,
      namespace = 'team-a',
      node,
      owner,
      phase = 'Running',
      startedMs = 0,
    } = shape;
    const pod: Pod = {
      metadata: { name, namespace, annotations, ...(owner === undefined ? {} : ownedBy(owner)) },
      spec: {
        nodeName: node,
        containers: Object.entries(containers).map(([container, requests]) => ({
          name: container,
          resources: { requests },
        })),
      },
      status: { phase, startTime: rfc3339(startedMs), ...(ip === undefined ? {} : { podIP: ip }) },
    };
    await this.client.create(PODS, pod);
  }

  async uidOf(pod: string, namespace = 'team-a'): Promise<string> {
    return (await this.client.get(PODS, { namespace, name: pod })).metadata?.uid ?? '';
  }

  async podUses(name: string, { atMs, cores, namespace = 'team-a' }: PodUse): Promise<void> {
    const containers = Object.entries(cores).map(([container, cpu]) => ({ name: container, usage: { cpu } }));
    const object = { metadata: { name, namespace }, timestamp: rfc3339(atMs), window: '15s', containers };
    const known = await this.client.find(POD_METRICS, { namespace, name });
    if (known !== undefined) await this.client.delete(POD_METRICS, { namespace, name });
    await this.client.create(POD_METRICS, object);
  }

  async nodeUses(name: string, cpu: string): Promise<void> {
    await this.client.create(NODE_METRICS, { metadata: { name }, usage: { cpu } } as {
      metadata: { name: string };
    });
  }
}

/**
 * A cluster for the collector's tests: pods, their owners and a metrics server, behind the wire. Times are the caller's;
 * nothing moves by itself.
 */
import type { ContainerStatus, Pod, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { rfc3339 } from '#platform/clock.ts';

/** What a container's kubelet says about its last end. */
export interface Ending {
  readonly reason: string;
  readonly startedMs?: number;
  readonly finishedMs?: number;
}

export interface FakeContainer {
  readonly name: string;
  restarts?: number;
  lastEnd?: Ending;
  memoryLimit?: string;
}

/** Of any kind that controls pods, also one that we know nothing of. */
export interface FakeWorkload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface FakePod {
  readonly workload: FakeWorkload;
  readonly name: string;
  readonly uid: string;
  readonly createdMs: number;
  readonly containers: readonly FakeContainer[];
  /** Of a Deployment's pod; `web-5d69f8` by default. */
  readonly replicaSet?: string;
}

/** Usage texts as a metrics server writes them. */
export interface FakeSample {
  readonly takenMs: number;
  readonly window?: string;
  readonly usage: Readonly<Record<string, { readonly cpu?: string; readonly memory?: string }>>;
}

export type Fault = 'missing' | 'broken' | 'forbidden';

export class FakeCluster implements Transport {
  readonly client = new KubeClient(this);
  readonly pods = new Map<string, FakePod>();
  /** By pod name. A pod without one is not told of. */
  readonly samples = new Map<string, FakeSample>();
  /** Paths that begin so are refused. */
  readonly faults = new Map<string, Fault>();
  readonly requests: string[] = [];

  add(pod: FakePod): FakePod {
    this.pods.set(pod.name, pod);
    return pod;
  }

  send(request: WireRequest): Promise<WireResponse> {
    const path = request.path.split('?')[0] ?? '';
    this.requests.push(path);
    const fault = [...this.faults].find(([prefix]) => path.startsWith(prefix))?.[1];
    if (fault !== undefined) return Promise.resolve(status(fault));
    if (path === '/apis/metrics.k8s.io/v1beta1/pods')
      return Promise.resolve(json({ metadata: {}, items: this.#metrics() }));
    if (path === '/api/v1/pods') return Promise.resolve(json({ metadata: {}, items: this.#pods() }));
    if (path.startsWith('/apis/apps/v1/')) return Promise.resolve(this.#replicaSet(path));
    return Promise.resolve(status('missing'));
  }

  #metrics(): readonly unknown[] {
    return [...this.samples].map(([name, { takenMs, window, usage }]) => ({
      metadata: { name, namespace: this.pods.get(name)?.workload.namespace ?? 'shop' },
      timestamp: rfc3339(takenMs),
      window: window ?? '15s',
      containers: Object.entries(usage).map(([container, amounts]) => ({ name: container, usage: amounts })),
    }));
  }

  #pods(): readonly Pod[] {
    return [...this.pods.values()].map(podObject);
  }

  #replicaSet(path: string): WireResponse {
    const sets = new Map([...this.pods.values()].map((pod) => [replicaSetName(pod), replicaSetObject(pod)]));
    const name = /\/replicasets\/([^/]+)$/.exec(path)?.[1];
    if (name === undefined) return json({ metadata: {}, items: [...sets.values()] });
    const found = sets.get(name);
    return found === undefined ? status('missing') : json(found);
  }
}

function replicaSetName({ replicaSet, workload }: FakePod): string {
  return replicaSet ?? `${workload.name}-5d69f8`;
}

function podObject(pod: FakePod): Pod {
  const { workload, name, uid, createdMs, containers } = pod;
  const isDeployment = workload.kind === 'Deployment';
  const owner = isDeployment ? replicaSetName(pod) : workload.name;
  return {
    metadata: {
      name,
      namespace: workload.namespace,
      uid,
      creationTimestamp: rfc3339(createdMs),
      labels: isDeployment ? { 'pod-template-hash': owner.split('-').at(-1) ?? '' } : {},
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: isDeployment ? 'ReplicaSet' : workload.kind,
          name: owner,
          uid: `uid-${owner}`,
          controller: true,
        },
      ],
    },
    spec: {
      containers: containers.map((container) => ({
        name: container.name,
        ...(container.memoryLimit === undefined
          ? {}
          : { resources: { limits: { memory: container.memoryLimit } } }),
      })),
    },
    status: { containerStatuses: containers.map(containerStatus) },
  };
}

function containerStatus({ name, restarts, lastEnd }: FakeContainer): ContainerStatus {
  const base = { name, restartCount: restarts ?? 0, image: 'x', imageID: 'x', ready: true };
  if (lastEnd === undefined) return base;
  const { reason, startedMs, finishedMs } = lastEnd;
  const times = {
    ...(startedMs === undefined ? {} : { startedAt: rfc3339(startedMs) }),
    ...(finishedMs === undefined ? {} : { finishedAt: rfc3339(finishedMs) }),
  };
  return { ...base, lastState: { terminated: { reason, exitCode: 137, ...times } } };
}

function replicaSetObject(pod: FakePod): ReplicaSet {
  const { kind, namespace, name } = pod.workload;
  return {
    metadata: {
      name: replicaSetName(pod),
      namespace,
      uid: `uid-${replicaSetName(pod)}`,
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }],
    },
  };
}

function json(body: unknown): WireResponse {
  return answer(200, JSON.stringify(body));
}

const STATUSES: Readonly<Record<Fault, number>> = { missing: 404, broken: 503, forbidden: 403 };

function status(fault: Fault): WireResponse {
  const code = STATUSES[fault];
  return answer(
    code,
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', code, reason: fault, message: fault }),
  );
}

function answer(code: number, text: string): WireResponse {
  return {
    status: code,
    headers: {},
    text: () => Promise.resolve(text),
    chunks: async function* () {
      yield await Promise.resolve(text);
    },
  };
}

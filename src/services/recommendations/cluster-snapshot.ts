/** Everything that recommendations need of a cluster, read once: no informers, no custom resources, read rights only. */
import type {
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Node,
  Pod,
  StatefulSet,
} from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NODES,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';

export interface SnapshotWorkload {
  readonly ref: WorkloadRef;
  readonly object: WorkloadObject;
}

export interface ClusterSnapshot {
  readonly workloads: readonly SnapshotWorkload[];
  readonly hpas: readonly HorizontalPodAutoscaler[];
  /** Empty where nodes may not be listed: prices are then the base rates. */
  readonly nodes: readonly Node[];
  /** The nodes that the pods of a workload run on, by `Kind/namespace/name`. */
  readonly podNodes: ReadonlyMap<string, readonly string[]>;
}

/** Reads one namespace, or all. */
export async function readSnapshot(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ClusterSnapshot> {
  const options = { namespace };
  const [deployments, statefulSets, daemonSets, hpas, pods, nodes] = await Promise.all([
    client.list(DEPLOYMENTS, options),
    client.list(STATEFUL_SETS, options),
    client.list(DAEMON_SETS, options),
    client.list(HORIZONTAL_POD_AUTOSCALERS, options),
    client.list(PODS, options, slimPod),
    listNodes(client),
  ]);
  return {
    workloads: [
      ...deployments.items.map((object) => named('Deployment', object)),
      ...statefulSets.items.map((object) => named('StatefulSet', object)),
      ...daemonSets.items.map((object) => named('DaemonSet', object)),
    ],
    hpas: hpas.items,
    nodes,
    podNodes: nodesByWorkload(pods.items),
  };
}

function named(kind: WorkloadKind, object: Deployment | StatefulSet | DaemonSet): SnapshotWorkload {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return { ref: { kind, namespace, name }, object };
}

/** Ten thousand whole pods are a lot of memory for the few fields that are read. */
function slimPod({ metadata, spec }: Pod): Pod {
  const { namespace = '', ownerReferences = [] } = metadata ?? {};
  const nodeName = spec?.nodeName;
  return {
    metadata: { namespace, ownerReferences },
    spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
  };
}

async function listNodes(client: KubeClient): Promise<readonly Node[]> {
  try {
    return (await client.list(NODES)).items;
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}

function nodesByWorkload(pods: readonly Pod[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    const node = pod.spec?.nodeName;
    if (owner === undefined || node === undefined) continue;
    // A Deployment's ReplicaSet is named after it and the hash of its template.
    const ofDeployment = owner.kind === 'ReplicaSet';
    const name = ofDeployment ? owner.name.replace(/-[^-]+$/, '') : owner.name;
    const key = `${ofDeployment ? 'Deployment' : owner.kind}/${pod.metadata?.namespace ?? ''}/${name}`;
    found.set(key, [...(found.get(key) ?? []), node]);
  }
  return found;
}

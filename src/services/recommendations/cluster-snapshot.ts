/** One look at a cluster: no informers, no custom resources, read rights only. */
import type {
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
} from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { slimPod } from '#domain/workload/slim-objects.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import { isForbidden } from '#kube/client/api-error.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { type ClusterView, type ClusterWorkload, namedWorkload, workloadOfPod } from './cluster-view.ts';

interface SnapshotParts {
  readonly workloads: readonly ClusterWorkload[];
  readonly pods: readonly Pod[];
  readonly hpas: readonly HorizontalPodAutoscaler[];
  readonly disruptionBudgets: readonly PodDisruptionBudget[];
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
}

export class ClusterSnapshot implements ClusterView {
  /** Sorted by kind, namespace and name. */
  readonly workloads: readonly ClusterWorkload[];
  readonly #pods: ReadonlyMap<string, readonly Pod[]>;
  readonly #hpas: ReadonlyMap<string, readonly HorizontalPodAutoscaler[]>;
  readonly #disruptionBudgets: ReadonlyMap<string, readonly PodDisruptionBudget[]>;
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #nodes: ReadonlyMap<string, Node>;

  constructor(parts: SnapshotParts) {
    this.workloads = parts.workloads;
    this.#pods = Map.groupBy(parts.pods, (pod) => workloadOfPod(pod)[0] ?? '');
    this.#hpas = byNamespace(parts.hpas);
    this.#disruptionBudgets = byNamespace(parts.disruptionBudgets);
    this.#namespaces = byName(parts.namespaces);
    this.#nodes = byName(parts.nodes);
  }

  podsOf(ref: WorkloadRef): readonly Pod[] {
    return this.#pods.get(workloadKey(ref)) ?? [];
  }

  hpasOf(namespace: string): readonly HorizontalPodAutoscaler[] {
    return this.#hpas.get(namespace) ?? [];
  }

  disruptionBudgetsOf(namespace: string): readonly PodDisruptionBudget[] {
    return this.#disruptionBudgets.get(namespace) ?? [];
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.get(name);
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  allNodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  optimizationsOf(): readonly never[] {
    return [];
  }
}

function byNamespace<T extends KubeObject>(objects: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(objects, ({ metadata }) => metadata?.namespace ?? '');
}

function byName<T extends KubeObject>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.metadata?.name ?? '', object] as const));
}

/** Reads one namespace, or all. */
export async function readSnapshot(
  client: KubeClient,
  namespace: string | undefined,
): Promise<ClusterSnapshot> {
  const options = { namespace };
  const [deployments, statefulSets, daemonSets, hpas, pods] = await Promise.all([
    client.list(DEPLOYMENTS, options),
    client.list(STATEFUL_SETS, options),
    client.list(DAEMON_SETS, options),
    client.list(HORIZONTAL_POD_AUTOSCALERS, options),
    client.list(PODS, options, slimPod),
  ]);
  const [nodes, namespaces, disruptionBudgets] = await Promise.all([
    listAllowed(client, NODES),
    listAllowed(client, NAMESPACES),
    listAllowed(client, POD_DISRUPTION_BUDGETS, namespace),
  ]);
  return new ClusterSnapshot({
    workloads: [
      ...deployments.items.map((object) => namedWorkload('Deployment', object)),
      ...statefulSets.items.map((object) => namedWorkload('StatefulSet', object)),
      ...daemonSets.items.map((object) => namedWorkload('DaemonSet', object)),
    ],
    pods: pods.items,
    hpas: hpas.items,
    disruptionBudgets,
    namespaces,
    nodes,
  });
}

/** Empty where the user may not list them: prices are then the base rates, and less is known of what is protected. */
async function listAllowed<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType<T>,
  namespace?: string,
): Promise<readonly T[]> {
  try {
    return (await client.list(type, { namespace })).items;
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}

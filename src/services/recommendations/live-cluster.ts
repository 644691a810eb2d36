/** The cluster as the local copies of a process show it: what recommendations need, always at hand. */
import type {
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  PodTemplateSpec,
  StatefulSet,
} from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import { slimMetadata, slimPod, slimPodSpec } from '#domain/workload/slim-objects.ts';
import { type WorkloadKind, type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
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
import { qualifiedName, type ResourceType } from '#kube/client/resource-type.ts';
import { byUid } from '#kube/store/indexes.ts';
import type { Informer } from '#kube/watch/informer.ts';
import type { Informers } from '#kube/watch/informers.ts';
import { allow, type Permission, WATCH } from '#runtime/rbac/permission.ts';
import { type ClusterView, type ClusterWorkload, namedWorkload, workloadOfPod } from './cluster-view.ts';

const WORKLOAD_TYPES = [DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS] as const;

export class LiveCluster implements ClusterView {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  /** Undefined where the API server does not know them: nothing was installed. */
  readonly optimizations: Informer<CostOptimization> | undefined;
  readonly #deployments: Informer<Deployment>;
  readonly #statefulSets: Informer<StatefulSet>;
  readonly #daemonSets: Informer<DaemonSet>;
  readonly #hpas: Informer<HorizontalPodAutoscaler>;
  readonly #namespaces: Informer<Namespace>;
  readonly #disruptionBudgets: Informer<PodDisruptionBudget>;

  constructor(informers: Informers, optimizations: ResourceType<CostOptimization> | undefined) {
    this.#deployments = informers.of(DEPLOYMENTS, { transform: slimWorkload });
    this.#statefulSets = informers.of(STATEFUL_SETS, { transform: slimWorkload });
    this.#daemonSets = informers.of(DAEMON_SETS, { transform: slimWorkload });
    this.pods = informers.of(PODS, { transform: slimPod });
    this.nodes = informers.of(NODES, { transform: slimNode });
    this.#hpas = informers.of(HORIZONTAL_POD_AUTOSCALERS);
    this.#namespaces = informers.of(NAMESPACES);
    this.#disruptionBudgets = informers.of(POD_DISRUPTION_BUDGETS);
    this.optimizations = optimizations === undefined ? undefined : informers.of(optimizations);
  }

  /** What it needs on the API server. */
  static permissions(optimizations: ResourceType<CostOptimization>): readonly Permission[] {
    const around = [PODS, NODES, NAMESPACES, HORIZONTAL_POD_AUTOSCALERS, POD_DISRUPTION_BUDGETS];
    const types = [...WORKLOAD_TYPES, ...around, optimizations];
    return types.map((type) => allow(type, WATCH));
  }

  /** Every workload, sorted by namespace, name and kind. */
  workloads(): readonly ClusterWorkload[] {
    const found = [
      ...this.#deployments.store.list().map((object) => namedWorkload('Deployment', object)),
      ...this.#statefulSets.store.list().map((object) => namedWorkload('StatefulSet', object)),
      ...this.#daemonSets.store.list().map((object) => namedWorkload('DaemonSet', object)),
    ];
    const order = ({ ref }: ClusterWorkload): string => `${ref.namespace}/${ref.name}/${ref.kind}`;
    return found
      .map((workload) => ({ workload, key: order(workload) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ workload }) => workload);
  }

  find({ kind, namespace, name }: WorkloadRef): ClusterWorkload | undefined {
    const object = this.#informerOf(kind).store.get({ namespace, name });
    return object === undefined ? undefined : namedWorkload(kind, object);
  }

  findByUid(uid: string): ClusterWorkload | undefined {
    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
      const [object] = this.#informerOf(kind).store.byIndex(byUid, uid);
      if (object !== undefined) return namedWorkload(kind, object);
    }
    return undefined;
  }

  /** The pods that a workload controls, itself or through its ReplicaSets. */
  podsOf(ref: WorkloadRef): readonly Pod[] {
    return this.pods.store.byIndex(workloadOfPod, workloadKey(ref));
  }

  hpasOf(namespace: string): readonly HorizontalPodAutoscaler[] {
    return this.#hpas.store.list(namespace);
  }

  optimizationsOf(ref: WorkloadRef): readonly CostOptimization[] {
    return this.optimizations?.store.byIndex(optimizedWorkload, workloadKey(ref)) ?? [];
  }

  disruptionBudgetsOf(namespace: string): readonly PodDisruptionBudget[] {
    return this.#disruptionBudgets.store.list(namespace);
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.store.get({ name });
  }

  node(name: string): Node | undefined {
    return this.nodes.store.get({ name });
  }

  allNodes(): readonly Node[] {
    return this.nodes.store.list();
  }

  /** The uid of kube-system, which stays with a cluster for its life; undefined where it was not seen. */
  get clusterId(): string | undefined {
    return this.namespace('kube-system')?.metadata?.uid;
  }

  /** The first copy that is not complete yet, or that cannot be kept up at the moment. */
  get problem():
    { readonly resource: string; readonly synced: boolean; readonly error: unknown } | undefined {
    const broken = this.#all().find(({ synced, lastError }) => !synced || lastError !== undefined);
    if (broken === undefined) return undefined;
    return { resource: qualifiedName(broken.type), synced: broken.synced, error: broken.lastError };
  }

  #all(): readonly Pick<Informer, 'type' | 'synced' | 'lastError'>[] {
    const sized = [this.#deployments, this.#statefulSets, this.#daemonSets, this.pods];
    const all = [...sized, this.nodes, this.#hpas, this.#namespaces, this.#disruptionBudgets];
    return this.optimizations === undefined ? all : [...all, this.optimizations];
  }

  #informerOf(kind: WorkloadKind): Informer<Deployment> | Informer<StatefulSet> | Informer<DaemonSet> {
    if (kind === 'Deployment') return this.#deployments;
    return kind === 'StatefulSet' ? this.#statefulSets : this.#daemonSets;
  }
}

function optimizedWorkload(optimization: CostOptimization): readonly string[] {
  return [workloadKey(targetOf(optimization))];
}

/** Of templates, what decides where their pods may run is kept too. */
function slimTemplate({ metadata = {}, spec }: PodTemplateSpec): PodTemplateSpec {
  const { labels, annotations } = metadata;
  return {
    metadata: {
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: { ...spec, ...slimPodSpec(spec) },
  };
}

function slimWorkload<T extends WorkloadObject>(workload: T): T {
  const { spec } = workload;
  const metadata = slimMetadata(workload.metadata);
  if (spec === undefined) return { ...workload, metadata };
  return { ...workload, metadata, spec: { ...spec, template: slimTemplate(spec.template) } };
}

function slimNode({ metadata, spec, status = {} }: Node): Node {
  const { providerID, taints, unschedulable } = spec ?? {};
  const { capacity = {}, allocatable = {}, conditions = [] } = status;
  return {
    metadata: slimMetadata(metadata),
    spec: {
      ...(providerID === undefined ? {} : { providerID }),
      ...(taints === undefined ? {} : { taints }),
      ...(unschedulable === undefined ? {} : { unschedulable }),
    },
    status: { capacity, allocatable, conditions },
  };
}

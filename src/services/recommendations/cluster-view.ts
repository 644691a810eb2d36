/** What analyses read of a cluster, whether from local copies that follow it or from one look at it. */
import type {
  HorizontalPodAutoscaler,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
} from '#apis/kubernetes/builtin.ts';
import { controllerOf, type KubeObject } from '#apis/kubernetes/object.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { type WorkloadKind, type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';

export interface ClusterWorkload {
  readonly ref: WorkloadRef;
  readonly object: WorkloadObject;
}

export interface ClusterView {
  /** The pods that a workload controls, itself or through its ReplicaSets. */
  podsOf(ref: WorkloadRef): readonly Pod[];
  hpasOf(namespace: string): readonly HorizontalPodAutoscaler[];
  disruptionBudgetsOf(namespace: string): readonly PodDisruptionBudget[];
  /** Undefined where there is none, or where namespaces may not be read. */
  namespace(name: string): Namespace | undefined;
  node(name: string): Node | undefined;
  /** Empty where nodes may not be read. */
  allNodes(): readonly Node[];
  optimizationsOf(ref: WorkloadRef): readonly CostOptimization[];
}

export function namedWorkload(kind: WorkloadKind, object: WorkloadObject): ClusterWorkload {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return { ref: { kind, namespace, name }, object };
}

/** The key of the workload that a pod belongs to; none where another kind of controller made it. */
export function workloadOfPod(pod: KubeObject): readonly string[] {
  const owner = controllerOf(pod);
  const namespace = pod.metadata?.namespace ?? '';
  if (owner === undefined) return [];
  if (owner.kind === 'ReplicaSet') {
    // Named after its Deployment and the hash of the template.
    return [workloadKey({ kind: 'Deployment', namespace, name: owner.name.replace(/-[^-]+$/, '') })];
  }
  if (owner.kind !== 'StatefulSet' && owner.kind !== 'DaemonSet') return [];
  return [workloadKey({ kind: owner.kind, namespace, name: owner.name })];
}

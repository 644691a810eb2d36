/** Finds the CostOptimizations of a workload, and the workload of a pod. */
import { controllerOf, type KubeObject } from '#apis/kubernetes/object.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import { workloadKey, type WorkloadKind } from '#domain/workload/workload-ref.ts';

/** Index of CostOptimizations by the workload they are about. */
export function byTarget(optimization: CostOptimization): readonly string[] {
  return [workloadKey(targetOf(optimization))];
}

/** The index value of a workload object of a kind. */
export function workloadIndexValue(kind: WorkloadKind, workload: KubeObject): string {
  const { namespace = '', name = '' } = workload.metadata ?? {};
  return workloadKey({ kind, namespace, name });
}

/** The index value of the workload that runs a pod; undefined where nothing of our kinds does. */
export function podIndexValue(pod: KubeObject): string | undefined {
  const owner = controllerOf(pod);
  const namespace = pod.metadata?.namespace ?? '';
  if (owner === undefined) return undefined;
  // A Deployment's ReplicaSet is named after it and the hash of its template.
  if (owner.kind === 'ReplicaSet') {
    return workloadKey({ kind: 'Deployment', namespace, name: owner.name.replace(/-[^-]+$/, '') });
  }
  const kind = owner.kind;
  if (kind !== 'StatefulSet' && kind !== 'DaemonSet') return undefined;
  return workloadKey({ kind, namespace, name: owner.name });
}

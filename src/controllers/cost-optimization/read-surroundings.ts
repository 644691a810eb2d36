/** Reads the pods of a workload, and what stands around it, from the local copies. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { matchesSelector } from '#apis/kubernetes/label-selector.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import { gitOpsOwner } from '#domain/protection/gitops.ts';
import { protectionOf } from '#domain/protection/protected.ts';
import { readHpa, scalesWorkload } from '#domain/workload/hpa-facts.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { Surroundings } from './observation.ts';
import { type ClusterInformers, findWorkload } from './stores.ts';

/** The pods that the workload runs: matched by its selector and controlled by it (or by its ReplicaSets). */
export function podsOf(
  cluster: ClusterInformers,
  workload: WorkloadObject,
  ref: WorkloadRef,
): readonly Pod[] {
  return podsAmong(cluster.pods.store.list(ref.namespace), workload, ref);
}

/** The pods of the workload among those of its namespace. */
export function podsAmong(pods: readonly Pod[], workload: WorkloadObject, ref: WorkloadRef): readonly Pod[] {
  return pods.filter(
    (pod) => isPodOf(pod, ref) && matchesSelector(workload.spec?.selector, pod.metadata?.labels),
  );
}

function isPodOf(pod: Pod, ref: WorkloadRef): boolean {
  const owner = controllerOf(pod);
  if (owner === undefined) return false;
  if (ref.kind === 'Deployment') return owner.kind === 'ReplicaSet' && owner.name.startsWith(`${ref.name}-`);
  return owner.kind === ref.kind && owner.name === ref.name;
}

export function readSurroundings(
  cluster: ClusterInformers,
  ref: WorkloadRef,
  operatorNamespace: string,
): Surroundings {
  const workload = findWorkload(cluster, ref);
  const labels = workload?.metadata?.labels;
  const annotations = workload?.metadata?.annotations;
  const namespace = cluster.namespaces.store.get({ name: ref.namespace });
  const namespaceAnnotations = namespace?.metadata?.annotations;
  return {
    protectedBecause: protectionOf({
      target: ref,
      labels,
      annotations,
      namespaceAnnotations,
      operatorNamespace,
    }),
    gitOpsOwner: gitOpsOwner(labels, annotations),
    verticalAutoscaler: verticalAutoscalerOf(cluster, ref),
    disruptionBudgets: disruptionBudgetsOf(cluster, workload, ref),
    hpas: cluster.hpas.store
      .list(ref.namespace)
      .filter((hpa) => scalesWorkload(hpa, ref))
      .map(readHpa),
  };
}

/** Modes in which a VerticalPodAutoscaler changes pods (VPA docs: updatePolicy.updateMode). */
const ACTING_MODES = ['Auto', 'Recreate', 'Initial', 'InPlaceOrRecreate', 'InPlace'];

function verticalAutoscalerOf(cluster: ClusterInformers, ref: WorkloadRef): string | undefined {
  const found = cluster.verticalAutoscalers?.store.list(ref.namespace).find((vpa) => {
    const { targetRef, updatePolicy } = vpa.spec ?? {};
    const acts = ACTING_MODES.includes(updatePolicy?.updateMode ?? 'Auto');
    return acts && targetRef?.kind === ref.kind && targetRef.name === ref.name;
  });
  return found?.metadata?.name;
}

function disruptionBudgetsOf(
  cluster: ClusterInformers,
  workload: WorkloadObject | undefined,
  ref: WorkloadRef,
): Surroundings['disruptionBudgets'] {
  const labels = workload?.spec?.template.metadata?.labels;
  return cluster.disruptionBudgets.store
    .list(ref.namespace)
    .filter((budget) => matchesSelector(budget.spec?.selector, labels))
    .map(({ metadata, spec }) => ({
      name: metadata?.name ?? '',
      minAvailable: spec?.minAvailable,
      maxUnavailable: spec?.maxUnavailable,
    }));
}

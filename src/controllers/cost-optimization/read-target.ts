/** Reads the workload, its pods, and what stands around them from the local copies. */
import type { HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import { matchesSelector } from '#apis/kubernetes/label-selector.ts';
import { controllerOf, type KubeObject } from '#apis/kubernetes/object.ts';
import { type FieldPath, resourcePath } from '#domain/change/field.ts';
import { readHpaFields } from '#domain/change/hpa-objects.ts';
import {
  podTemplateOf,
  readWorkloadFields,
  sizedContainers,
  type WorkloadObject,
} from '#domain/change/workload-objects.ts';
import { gitOpsOwner } from '#domain/protection/gitops.ts';
import { protectionOf } from '#domain/protection/protected.ts';
import { rolloutState } from '#domain/workload/rollout.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { HpaFacts, Surroundings, TargetFacts } from './observation.ts';
import { type ClusterInformers, findWorkload } from './stores.ts';

export function readTarget(workload: WorkloadObject, ref: WorkloadRef): TargetFacts {
  const { metadata = {} } = workload;
  return {
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    fields: readWorkloadFields(workload, ref.kind),
    annotations: metadata.annotations ?? {},
    rollout: rolloutState(workload, ref.kind),
    restartsOnResize: restartsOnResize(workload),
  };
}

function restartsOnResize(workload: WorkloadObject): FieldPath[] {
  return sizedContainers(podTemplateOf(workload)?.spec).flatMap(({ in: list, container }) =>
    (container.resizePolicy ?? [])
      .filter((policy) => policy.restartPolicy === 'RestartContainer')
      .flatMap(({ resourceName }) =>
        resourceName === 'cpu' || resourceName === 'memory'
          ? (['requests', 'limits'] as const).map((kind) =>
              resourcePath({ in: list, container: container.name, list: kind, resource: resourceName }),
            )
          : [],
      ),
  );
}

/** The pods that the workload runs: matched by its selector and controlled by it (or by its ReplicaSets). */
export function podsOf(
  cluster: ClusterInformers,
  workload: WorkloadObject,
  ref: WorkloadRef,
): readonly Pod[] {
  return cluster.pods.store
    .list(ref.namespace)
    .filter((pod) => isPodOf(pod, ref) && matchesSelector(workload.spec?.selector, pod.metadata?.labels));
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
      .filter((hpa) => scales(hpa, ref))
      .map(readHpa),
  };
}

function scales(hpa: HorizontalPodAutoscaler, ref: WorkloadRef): boolean {
  const target = hpa.spec?.scaleTargetRef;
  return target?.kind === ref.kind && target.name === ref.name;
}

function readHpa(hpa: HorizontalPodAutoscaler): HpaFacts {
  return { name: hpa.metadata?.name ?? '', fields: readHpaFields(hpa), manager: managerOf(hpa) };
}

/** KEDA owns the autoscalers it makes and writes them back; GitOps likewise. */
function managerOf(object: KubeObject): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind === 'ScaledObject') return `KEDA ScaledObject ${owner.name}`;
  return gitOpsOwner(object.metadata?.labels, object.metadata?.annotations);
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

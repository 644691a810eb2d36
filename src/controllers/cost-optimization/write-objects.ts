/** The writes on workloads, autoscalers and pods: each under an optimistic lock and in our name. */
import type { ObjectKey } from '#apis/kubernetes/object.ts';
import { type FieldMap, parseHpaPath } from '#domain/change/field.ts';
import { hpaPatch } from '#domain/change/hpa-objects.ts';
import { resizePatch } from '#domain/change/pod-objects.ts';
import { workloadPatch } from '#domain/change/workload-objects.ts';
import type { WorkloadKind } from '#domain/workload/workload-ref.ts';
import { isDenied, isInvalid, isNotFound } from '#kube/client/api-error.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Logger } from '#platform/logger.ts';
import type { Action } from './decision.ts';
import type { Observation } from './observation.ts';
import type { ClusterInformers } from './stores.ts';

export interface WriteDependencies {
  readonly client: KubeClient;
  readonly cluster: ClusterInformers;
  readonly logger: Logger;
}

/** Every write names us, so that others see in managedFields who set what. */
export const FIELD_MANAGER = 'kcloud-cost-optimizer';

export const WORKLOAD_TYPES: Readonly<Record<WorkloadKind, ResourceType>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
};

export async function patchHpas(o: Observation, changes: FieldMap, deps: WriteDependencies): Promise<void> {
  const names = new Set(Object.keys(changes).flatMap((path) => parseHpaPath(path)?.hpa ?? []));
  for (const name of names) {
    const key = { namespace: o.policy.target.namespace, name };
    const hpa = deps.cluster.hpas.store.get(key);
    if (hpa === undefined) continue;
    const body = hpaPatch(hpa, changes);
    await deps.client.patch(HORIZONTAL_POD_AUTOSCALERS, key, {
      patch: 'merge',
      body,
      fieldManager: FIELD_MANAGER,
    });
  }
}

type PatchWorkload = Extract<Action, { kind: 'PatchWorkload' }>;

export async function patchWorkload(
  o: Observation,
  action: PatchWorkload,
  deps: WriteDependencies,
): Promise<void> {
  const { target, policy } = o;
  if (target === undefined) return;
  const { kind, namespace, name } = policy.target;
  const marks = {
    resourceVersion: target.resourceVersion,
    annotations: action.annotations,
    placement: target.placement ?? {},
  };
  const body = workloadPatch(action.changes, marks);
  const key: ObjectKey = { namespace, name };
  await deps.client.patch(WORKLOAD_TYPES[kind], key, {
    patch: 'strategic',
    body,
    fieldManager: FIELD_MANAGER,
  });
}

type ResizePods = Extract<Action, { kind: 'ResizePods' }>;

/** Resizes pods one after the other; the first refusal is returned and ends the round. */
export async function resizePods(
  namespace: string,
  action: ResizePods,
  deps: WriteDependencies,
): Promise<string | undefined> {
  for (const name of action.pods) {
    const refusal = await resizePod({ namespace, name }, action.sizes, deps);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A pod that is gone needs no size; why one may not have it is returned. */
async function resizePod(
  key: ObjectKey,
  sizes: FieldMap,
  deps: WriteDependencies,
): Promise<string | undefined> {
  const pod = deps.cluster.pods.store.get(key);
  const body = pod === undefined ? undefined : resizePatch(pod, sizes);
  if (body === undefined) return undefined;
  const options = { patch: 'strategic', body, subresource: 'resize', fieldManager: FIELD_MANAGER } as const;
  try {
    await deps.client.patch(PODS, key, options);
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (!isInvalid(error) && !isDenied(error)) throw error;
    deps.logger.warn('a resize in place was refused', { pod: key.name, problem: error.problem });
    return `pod ${key.name}: ${error.problem}`;
  }
}

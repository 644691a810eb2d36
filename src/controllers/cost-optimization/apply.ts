/** Carries a decision out: its actions in order, then the status, then events and counters. */
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { keyOf, type ObjectKey } from '#apis/kubernetes/object.ts';
import { type FieldMap, parseHpaPath } from '#domain/change/field.ts';
import { hpaPatch } from '#domain/change/hpa-objects.ts';
import { resizePatch } from '#domain/change/pod-objects.ts';
import { workloadPatch } from '#domain/change/workload-objects.ts';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { describeWorkload, type WorkloadKind } from '#domain/workload/workload-ref.ts';
import { isInvalid, isNotFound } from '#kube/client/api-error.ts';
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
import type { ActiveChanges } from './active-changes.ts';
import type { Action } from './decision.ts';
import type { Observation } from './observation.ts';
import { type ClusterInformers, COST_OPTIMIZATIONS } from './stores.ts';

export interface ApplyDependencies {
  readonly client: KubeClient;
  readonly cluster: ClusterInformers;
  readonly rollback: RollbackStore;
  readonly ledger: LedgerStore;
  readonly active: ActiveChanges;
  readonly logger: Logger;
}

/** Every write names us, so that others see in managedFields who set what. */
const FIELD_MANAGER = 'kcloud-cost-optimizer';
const WORKLOAD_TYPES = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
} as const;

/** Returns false where the arbiter refused at the last moment: nothing was written, and the status must not be. */
export async function carryOut(
  o: Observation,
  actions: readonly Action[],
  deps: ApplyDependencies,
): Promise<boolean> {
  for (const action of actions) {
    if (action.kind === 'ReserveChange') {
      if (!deps.active.reserve(action.request).granted) return false;
    } else {
      await perform(o, action, deps);
    }
  }
  return true;
}

type WritingAction = Exclude<Action, { kind: 'ReserveChange' | 'ResizePods' }>;

async function perform(o: Observation, action: WritingAction, deps: ApplyDependencies): Promise<void> {
  const { uid = '' } = o.optimization.metadata;
  switch (action.kind) {
    case 'AddFinalizer':
      return setFinalizers(o, deps, [...(o.optimization.metadata.finalizers ?? []), FINALIZER]);
    case 'RemoveFinalizer':
      return setFinalizers(
        o,
        deps,
        (o.optimization.metadata.finalizers ?? []).filter((name) => name !== FINALIZER),
      );
    case 'SaveEntry':
      return deps.rollback.save(action.entry);
    case 'RemoveEntry':
      await deps.ledger.close(uid);
      return deps.rollback.remove(o.policy.target, uid);
    case 'BookSavings':
      return deps.ledger.book(ownerOf(o), action.row, action.rate);
    case 'PatchHpas':
      return patchHpas(o, action.changes, deps);
    case 'PatchWorkload':
      return patchWorkload(o, action, deps);
  }
}

function ownerOf(o: Observation): Parameters<LedgerStore['book']>[0] {
  const { uid = '', namespace = '', name = '' } = o.optimization.metadata;
  return { uid, namespace, name, workload: describeWorkload(o.policy.target) };
}

/** Under the resource version that was read: a finalizer is never added to an object that is going away. */
async function setFinalizers(
  o: Observation,
  deps: ApplyDependencies,
  finalizers: readonly string[],
): Promise<void> {
  const { resourceVersion } = o.optimization.metadata;
  const body = { metadata: { resourceVersion, finalizers } };
  const options = { patch: 'merge', body, fieldManager: FIELD_MANAGER } as const;
  try {
    await deps.client.patch(COST_OPTIMIZATIONS, keyOf(o.optimization), options);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function patchHpas(o: Observation, changes: FieldMap, deps: ApplyDependencies): Promise<void> {
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

async function patchWorkload(
  o: Observation,
  action: Extract<Action, { kind: 'PatchWorkload' }>,
  deps: ApplyDependencies,
): Promise<void> {
  const { target, policy } = o;
  if (target === undefined) return;
  const key: ObjectKey = { namespace: policy.target.namespace, name: policy.target.name };
  const marks = { resourceVersion: target.resourceVersion, annotations: action.annotations };
  const body = workloadPatch(action.changes, marks);
  await deps.client.patch(WORKLOAD_TYPES[policy.target.kind], key, {
    patch: 'strategic',
    body,
    fieldManager: FIELD_MANAGER,
  });
}

type ResizePods = Extract<Action, { kind: 'ResizePods' }>;

/** Resizes pods one after the other; the first refusal is reported and ends the round. */
async function resizePods(
  o: Observation,
  action: ResizePods,
  deps: ApplyDependencies,
): Promise<string | undefined> {
  for (const name of action.pods) {
    const refusal = await resizePod({ namespace: o.policy.target.namespace, name }, action.sizes, deps);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A pod that is gone needs no size; why one may not have it is returned. */
async function resizePod(
  key: ObjectKey,
  sizes: FieldMap,
  deps: ApplyDependencies,
): Promise<string | undefined> {
  const pod = deps.cluster.pods.store.get(key);
  const body = pod === undefined ? undefined : resizePatch(pod, sizes);
  if (body === undefined) return undefined;
  try {
    await deps.client.patch(PODS, key, {
      patch: 'strategic',
      body,
      subresource: 'resize',
      fieldManager: FIELD_MANAGER,
    });
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (!isInvalid(error)) throw error;
    deps.logger.warn('a resize in place was refused', { pod: key.name, problem: error.problem });
    return `pod ${key.name}: ${error.problem}`;
  }
}

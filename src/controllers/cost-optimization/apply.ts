/** Carries a decision out: its actions in order. The status, events and counters follow in the controller. */
import { keyOf } from '#apis/kubernetes/object.ts';
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { LedgerOwner, LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import type { ActiveChanges } from './active-changes.ts';
import type { Action } from './decision.ts';
import { isUpToDate } from './freshness.ts';
import type { Observation } from './observation.ts';
import { COST_OPTIMIZATIONS } from './stores.ts';
import {
  FIELD_MANAGER,
  patchHpas,
  patchWorkload,
  resizePods,
  type WriteDependencies,
} from './write-objects.ts';

export interface ApplyDependencies extends WriteDependencies {
  readonly rollback: RollbackStore;
  readonly ledger: LedgerStore;
  readonly active: ActiveChanges;
}

/** How far a decision was carried out. */
export interface Outcome {
  /**
   * The arbiter refused at the last moment, or the decision was made on an old copy: nothing after that was written,
   * and the status must not be.
   */
  readonly refused: boolean;
  /** What the API server said against resizing a pod in place. */
  readonly resizeRefused: string | undefined;
  /** The version of the CostOptimization after the actions; undefined where it was let go. */
  readonly resourceVersion: string | undefined;
}

export async function carryOut(
  o: Observation,
  actions: readonly Action[],
  deps: ApplyDependencies,
): Promise<Outcome> {
  const { namespace } = o.policy.target;
  let resizeRefused: string | undefined;
  let { resourceVersion } = o.optimization.metadata;
  for (const action of actions) {
    if (action.kind === 'ReserveChange') {
      const { granted } = deps.active.reserve(action.request);
      if (!granted) return { refused: true, resizeRefused, resourceVersion };
    } else if (action.kind === 'RemoveEntry' && !(await mayLetGo(o, actions, deps))) {
      return { refused: true, resizeRefused, resourceVersion };
    } else if (action.kind === 'ResizePods') {
      resizeRefused = await resizePods(namespace, action, deps);
    } else if (action.kind === 'AddFinalizer' || action.kind === 'RemoveFinalizer') {
      resourceVersion = await setFinalizer(o, action.kind, deps);
    } else {
      await perform(o, action, deps);
    }
  }
  return { refused: false, resizeRefused, resourceVersion };
}

/** A patch of the workload in the same decision was made under its resource version: that copy was not old. */
async function mayLetGo(
  o: Observation,
  actions: readonly Action[],
  deps: ApplyDependencies,
): Promise<boolean> {
  return actions.some(({ kind }) => kind === 'PatchWorkload') || (await isUpToDate(o, deps));
}

type PlainAction = Exclude<
  Action,
  { kind: 'ReserveChange' | 'ResizePods' | 'AddFinalizer' | 'RemoveFinalizer' }
>;

async function perform(o: Observation, action: PlainAction, deps: ApplyDependencies): Promise<void> {
  const { uid = '' } = o.optimization.metadata;
  switch (action.kind) {
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

function ownerOf(o: Observation): LedgerOwner {
  const { uid = '', namespace = '', name = '' } = o.optimization.metadata;
  return { uid, namespace, name, workload: describeWorkload(o.policy.target) };
}

/**
 * Under the resource version that was read: a finalizer is never added to an object that is going away. Returns the
 * new version; undefined once the object is let go.
 */
async function setFinalizer(
  o: Observation,
  kind: 'AddFinalizer' | 'RemoveFinalizer',
  deps: ApplyDependencies,
): Promise<string | undefined> {
  const { resourceVersion, finalizers = [] } = o.optimization.metadata;
  const others = finalizers.filter((name) => name !== FINALIZER);
  const wanted = kind === 'AddFinalizer' ? [...others, FINALIZER] : others;
  const body = { metadata: { resourceVersion, finalizers: wanted } };
  try {
    const options = { patch: 'merge', body, fieldManager: FIELD_MANAGER } as const;
    const updated = await deps.client.patch(COST_OPTIMIZATIONS, keyOf(o.optimization), options);
    return kind === 'AddFinalizer' ? updated.metadata.resourceVersion : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Carries a decision out: its actions in order. The status, events and counters follow in the controller. */
import { keyOf } from '#apis/kubernetes/object.ts';
import { FINALIZER } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { LedgerOwner, LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { describeWorkload } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import type { ActiveChanges } from './active-changes.ts';
import type { Action } from './decision.ts';
import { isUpToDate, podsAskFor } from './freshness.ts';
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
  /** The version of the stored original that was written last; all below are out of date. */
  readonly originalVersion: number;
}

export function carryOut(
  o: Observation,
  actions: readonly Action[],
  deps: ApplyDependencies,
): Promise<Outcome> {
  return new Performance(o, deps).perform(actions);
}

/** One decision being carried out, action by action. */
class Performance {
  readonly #o: Observation;
  readonly #deps: ApplyDependencies;
  #resizeRefused: string | undefined;
  #resourceVersion: string | undefined;
  #originalVersion: number;

  constructor(o: Observation, deps: ApplyDependencies) {
    this.#o = o;
    this.#deps = deps;
    this.#resourceVersion = o.optimization.metadata.resourceVersion;
    this.#originalVersion = Math.max(o.entry?.version ?? 0, o.optimization.status?.originalVersion ?? 0);
  }

  async perform(actions: readonly Action[]): Promise<Outcome> {
    for (const action of actions) {
      if (!(await this.#mayDo(action, actions))) return this.#outcome(true);
      await this.#do(action);
    }
    return this.#outcome(false);
  }

  #outcome(refused: boolean): Outcome {
    return {
      refused,
      resizeRefused: this.#resizeRefused,
      resourceVersion: this.#resourceVersion,
      originalVersion: this.#originalVersion,
    };
  }

  /** What begins a change, and what forgets an original, is done only on what the API server has now. */
  async #mayDo(action: Action, actions: readonly Action[]): Promise<boolean> {
    const [o, deps] = [this.#o, this.#deps];
    if (action.kind === 'ReserveChange') {
      return (await isUpToDate(o, deps)) && deps.active.reserve(action.request).granted;
    }
    if (action.kind !== 'RemoveEntry') return true;
    // A patch of the workload in the same decision was made under its resource version: that copy was not old.
    const patched = actions.some(({ kind }) => kind === 'PatchWorkload');
    return (patched || (await isUpToDate(o, deps))) && podsAskFor(o, action.podSizes ?? {}, deps);
  }

  async #do(action: Action): Promise<void> {
    const [o, deps] = [this.#o, this.#deps];
    switch (action.kind) {
      case 'ReserveChange':
        return;
      case 'SaveEntry':
        this.#originalVersion += 1;
        return deps.rollback.save({ ...action.entry, version: this.#originalVersion });
      case 'RemoveEntry':
        return this.#removeEntry();
      case 'BookSavings':
        return this.#withLedger(() => deps.ledger.book(ownerOf(o), action.row, action.rate));
      case 'PatchHpas':
        return patchHpas(o, action.changes, deps);
      case 'PatchWorkload':
        return patchWorkload(o, action, deps);
      case 'ResizePods':
        this.#resizeRefused = await resizePods(o.policy.target.namespace, action, deps);
        return;
      case 'AddFinalizer':
      case 'RemoveFinalizer':
        this.#resourceVersion = await setFinalizer(o, action.kind, deps);
    }
  }

  /** Counts as a version too, so that whatever copy is left somewhere is out of date. */
  async #removeEntry(): Promise<void> {
    const { uid = '' } = this.#o.optimization.metadata;
    await this.#withLedger(() => this.#deps.ledger.close(uid));
    await this.#deps.rollback.remove(this.#o.policy.target, uid, this.#originalVersion);
    this.#originalVersion += 1;
  }

  /** A ledger that cannot be written loses money on paper; it must not keep a workload from being given back. */
  async #withLedger(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.warn('the savings ledger cannot be written', { problem: messageOf(error) });
    }
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

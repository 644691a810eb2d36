/** Tells for each PodDisruptionBudget how many pods may be evicted now. */
import type { Pod, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import { type OwnerReference, controllerOf } from '#apis/kubernetes/object.ts';
import {
  DEPLOYMENTS,
  PODS,
  POD_DISRUPTION_BUDGETS,
  REPLICA_SETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Component, FleetContext } from '../fleet-context.ts';
import type { SelectorIndex } from '../selector-index.ts';
import { isDeleting, labelsOf, nameOf, namespaceOf } from '../meta.ts';
import { isFinished, isReady } from '../resources.ts';
import { matchesSelector } from '../selectors.ts';
import { ControlLoop } from './control-loop.ts';
import { observed, resolveCount, writeStatus } from './writing.ts';

type BudgetStatus = NonNullable<PodDisruptionBudget['status']>;

/** An eviction that did not lead to a deletion is forgotten after this. */
const FORGET_EVICTION_MS = 120_000;

export class DisruptionController implements Component {
  readonly #context: FleetContext;
  readonly #pods: SelectorIndex<Pod>;
  readonly #loop: ControlLoop<PodDisruptionBudget>;
  readonly #stopPods: () => void;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByLabels;
    this.#loop = new ControlLoop({
      name: 'disruption-controller',
      context,
      type: POD_DISRUPTION_BUDGETS,
      reconcile: (budget) => this.#reconcile(budget),
    });
    this.#stopPods = context.access.onChange(PODS, ({ object }) => { this.#podChanged(object); }); // prettier-ignore
  }

  stop(): void {
    this.#stopPods();
    this.#loop.stop();
  }

  #podChanged(pod: Pod): void {
    for (const budget of this.#context.access.list(POD_DISRUPTION_BUDGETS, namespaceOf(pod))) {
      if (matchesSelector(budget.spec?.selector, labelsOf(pod))) this.#loop.enqueue(budget);
    }
  }

  async #reconcile(budget: PodDisruptionBudget): Promise<number | undefined> {
    const pods = this.#pods
      .select(namespaceOf(budget), budget.spec?.selector)
      .filter((pod) => !isFinished(pod));
    const expected = this.#expected(budget, pods);
    const evicted = this.#evicted(budget, pods);
    const healthy = pods.filter(
      (pod) => isReady(pod) && !isDeleting(pod) && evicted[nameOf(pod)] === undefined,
    ).length;
    const allowed = expected.pods <= 0 ? 0 : Math.max(0, healthy - expected.healthy);
    const status: BudgetStatus = {
      ...observed(budget),
      currentHealthy: healthy,
      desiredHealthy: expected.healthy,
      expectedPods: expected.pods,
      disruptionsAllowed: allowed,
      ...(Object.keys(evicted).length === 0 ? {} : { disruptedPods: evicted }),
      conditions: [this.#condition(budget, allowed)],
    };
    await writeStatus(this.#context, { type: POD_DISRUPTION_BUDGETS, object: budget }, status);
    return Object.keys(evicted).length === 0 ? undefined : FORGET_EVICTION_MS;
  }

  /** Pods that were promised to evictions and are not on their way out yet. */
  #evicted(budget: PodDisruptionBudget, pods: readonly Pod[]): Record<string, string> {
    const nowMs = this.#context.clock.now();
    return Object.fromEntries(
      Object.entries(budget.status?.disruptedPods ?? {}).filter(([name, time]) => {
        const pod = pods.find((candidate) => nameOf(candidate) === name);
        return pod !== undefined && !isDeleting(pod) && Date.parse(time) + FORGET_EVICTION_MS > nowMs;
      }),
    );
  }

  #expected(
    budget: PodDisruptionBudget,
    pods: readonly Pod[],
  ): { readonly pods: number; readonly healthy: number } {
    const { minAvailable, maxUnavailable } = budget.spec ?? {};
    if (maxUnavailable !== undefined) {
      const total = this.#scaleOf(pods);
      return { pods: total, healthy: Math.max(0, total - resolveCount(maxUnavailable, total, 'up')) };
    }
    if (typeof minAvailable === 'string') {
      const total = this.#scaleOf(pods);
      return { pods: total, healthy: resolveCount(minAvailable, total, 'up') };
    }
    return { pods: pods.length, healthy: minAvailable ?? 1 };
  }

  /** The wished size of everything that controls one of the pods. */
  #scaleOf(pods: readonly Pod[]): number {
    const sizes = new Map<string, number>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (owner === undefined) continue;
      const [uid, size] = this.#sizeOf(namespaceOf(pod), owner);
      sizes.set(uid, size);
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  #sizeOf(namespace: string, owner: OwnerReference): [uid: string, size: number] {
    const { access } = this.#context;
    const key = { namespace, name: owner.name };
    if (owner.kind === 'StatefulSet') return [owner.uid, sizeOf(access.get(STATEFUL_SETS, key))];
    const set = access.get(REPLICA_SETS, key);
    const above = set === undefined ? undefined : controllerOf(set);
    if (above?.kind !== 'Deployment') return [owner.uid, sizeOf(set)];
    return [above.uid, sizeOf(access.get(DEPLOYMENTS, { namespace, name: above.name }))];
  }

  #condition(budget: PodDisruptionBudget, allowed: number): NonNullable<BudgetStatus['conditions']>[number] {
    const status = allowed > 0 ? 'True' : 'False';
    const before = budget.status?.conditions?.find((condition) => condition.type === 'DisruptionAllowed');
    const now = rfc3339(this.#context.clock.now());
    return {
      type: 'DisruptionAllowed',
      status,
      reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
      ...observed(budget),
    };
  }
}

function sizeOf(object: { readonly spec?: { readonly replicas?: number } } | undefined): number {
  return object?.spec?.replicas ?? 0;
}

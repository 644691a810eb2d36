/** Keeps the number of pods of each ReplicaSet. */
import type { Pod, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Component, FleetContext } from '../fleet-context.ts';
import { isDeleting, labelsOf, uidOf } from '../meta.ts';
import { isReady } from '../resources.ts';
import { matchesLabels } from '../selectors.ts';
import { ControlLoop } from './control-loop.ts';
import {
  byDispensability,
  createPod,
  deletePod,
  isActive,
  isAvailable,
  nextAvailableMs,
} from './pod-control.ts';
import { observed, withoutZeros, writeStatus } from './writing.ts';

const COMPONENT = 'replicaset-controller';
/** So many pods are created or deleted in one go. */
const BURST = 500;

export class ReplicaSetController implements Component {
  readonly #context: FleetContext;
  readonly #loop: ControlLoop<ReplicaSet>;

  constructor(context: FleetContext) {
    this.#context = context;
    void context.indexes.podsByOwner.get('');
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: REPLICA_SETS,
      owned: [PODS],
      reconcile: (set) => this.#reconcile(set),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(set: ReplicaSet): Promise<number | undefined> {
    const failure = isDeleting(set) ? undefined : await this.#manage(set);
    const pods = this.#context.indexes.podsByOwner.get(uidOf(set));
    const active = pods.filter(isActive);
    const status = statusOf(set, active, this.#context.clock.now());
    const terminating = pods.length - active.length;
    await writeStatus(
      this.#context,
      { type: REPLICA_SETS, object: set },
      { ...status, ...this.#failureCondition(set, failure), terminatingReplicas: terminating },
    );
    if (failure !== undefined) throw failure;
    return nextAvailableMs(active, set.spec?.minReadySeconds ?? 0, this.#context.clock.now());
  }

  /** Creates or deletes what is missing or too much. Resolves with what stopped it, if anything. */
  async #manage(set: ReplicaSet): Promise<KcError | undefined> {
    const owner = { context: this.#context, type: REPLICA_SETS, owner: set, component: COMPONENT };
    const active = this.#context.indexes.podsByOwner.get(uidOf(set)).filter(isActive);
    const surplus = active.length - (set.spec?.replicas ?? 1);
    try {
      for (let missing = Math.min(-surplus, BURST); missing > 0; missing -= 1) {
        await createPod(owner, { template: set.spec?.template ?? {} });
      }
      for (const pod of surplus > 0 ? byDispensability(active).slice(0, Math.min(surplus, BURST)) : []) {
        await deletePod(owner, pod);
      }
      return undefined;
    } catch (error) {
      if (error instanceof KcError) return error;
      throw error;
    }
  }

  #failureCondition(
    set: ReplicaSet,
    failure: KcError | undefined,
  ): Partial<NonNullable<ReplicaSet['status']>> {
    if (failure === undefined) return {};
    const before = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
    const condition = {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: messageOf(failure),
      lastTransitionTime: before?.lastTransitionTime ?? rfc3339(this.#context.clock.now()),
    };
    return { conditions: [condition] };
  }
}

function statusOf(set: ReplicaSet, active: readonly Pod[], nowMs: number): NonNullable<ReplicaSet['status']> {
  const { template, minReadySeconds = 0 } = set.spec ?? {};
  const wanted = template?.metadata?.labels ?? {};
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: active.filter((pod) => matchesLabels(wanted, labelsOf(pod))).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
    }),
    ...observed(set),
  };
}

/** Keeps the numbered pods of StatefulSets, in order, and rolls them to new templates from the highest down. */
import type { ControllerRevision, Pod, StatefulSet } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import { PODS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { ChangeIndex } from '../../fleet-indexes.ts';
import { isDeleting, nameOf, uidOf } from '../../meta.ts';
import { isReady } from '../../resources.ts';
import { ControlLoop } from '../control-loop.ts';
import { createPod, isAvailable, nextAvailableMs } from '../pod-control.ts';
import { currentRevision, dropOldRevisions, templateOf } from '../revisions.ts';
import { observed, withoutZeros, writeStatus } from '../writing.ts';
import { planStatefulSet } from './stateful-plan.ts';
import { revisionNameOf, statefulDraft } from './stateful-pods.ts';
import { noEvents } from '../../events.ts';

const COMPONENT = 'statefulset-controller';
const DEFAULT_HISTORY = 10;

export class StatefulSetController implements Component {
  readonly #context: FleetContext;
  readonly #pods: ChangeIndex<Pod>;
  readonly #revisions: ChangeIndex<ControllerRevision>;
  readonly #loop: ControlLoop<StatefulSet>;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByOwner;
    this.#revisions = context.indexes.revisionsByOwner;
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: STATEFUL_SETS,
      owned: [PODS],
      reconcile: (set) => this.#reconcile(set),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(set: StatefulSet): Promise<number | undefined> {
    const { template, minReadySeconds = 0, revisionHistoryLimit = DEFAULT_HISTORY } = set.spec ?? {};
    if (isDeleting(set) || template === undefined) return undefined;
    const request = { context: this.#context, type: STATEFUL_SETS, owner: set, template };
    const update = await currentRevision(request);
    const current = this.#currentOf(set, update);
    await this.#step(set, current, update);
    const names = { currentRevision: nameOf(current), updateRevision: nameOf(update) };
    await writeStatus(this.#context, { type: STATEFUL_SETS, object: set }, this.#status(set, names));
    const pods = this.#pods.get(uidOf(set));
    const inUse = new Set([...Object.values(names), ...pods.map((pod) => revisionNameOf(pod) ?? '')]);
    await dropOldRevisions(request, inUse, revisionHistoryLimit);
    return nextAvailableMs(pods, minReadySeconds, this.#context.clock.now());
  }

  async #step(set: StatefulSet, current: ControllerRevision, update: ControllerRevision): Promise<void> {
    const step = planStatefulSet({
      set,
      pods: this.#pods.get(uidOf(set)),
      currentRevision: nameOf(current),
      updateRevision: nameOf(update),
    });
    for (const { ordinal, revision } of step.create) {
      await this.#create(set, ordinal, revision === 'current' ? current : update);
    }
    for (const pod of step.remove) await this.#delete(set, pod);
  }

  /** The revision that the set stood on before its latest update began. */
  #currentOf(set: StatefulSet, update: ControllerRevision): ControllerRevision {
    const name = set.status?.currentRevision;
    return this.#revisions.get(uidOf(set)).find((revision) => nameOf(revision) === name) ?? update;
  }

  async #create(set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
    const template = templateOf(revision) ?? set.spec?.template ?? {};
    const draft = statefulDraft(set, ordinal, { template, revision: nameOf(revision) });
    const quiet = { ...this.#context, events: noEvents };
    try {
      await createPod({ context: quiet, type: STATEFUL_SETS, owner: set, component: COMPONENT }, draft);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#tell(set, 'FailedCreate', `create Pod ${draft.name} in StatefulSet ${nameOf(set)} failed`);
      throw error;
    }
    this.#tell(set, 'SuccessfulCreate', `create Pod ${draft.name} in StatefulSet ${nameOf(set)} successful`);
  }

  async #delete(set: StatefulSet, pod: Pod): Promise<void> {
    try {
      await this.#context.access.delete(PODS, keyOf(pod), { graceful: true, uid: uidOf(pod) });
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    this.#tell(set, 'SuccessfulDelete', `delete Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`);
  }

  #tell(set: StatefulSet, reason: string, message: string): void {
    const type = reason.startsWith('Failed') ? 'Warning' : 'Normal';
    this.#context.events.emit(set, { type, reason, message, component: COMPONENT });
  }

  #status(set: StatefulSet, names: RevisionNames): NonNullable<StatefulSet['status']> {
    const pods = this.#pods.get(uidOf(set));
    const counts = countPods(set, pods, { ...names, nowMs: this.#context.clock.now() });
    const wished = set.spec?.replicas ?? 1;
    const isRolling = set.spec?.updateStrategy?.type !== 'OnDelete';
    const isComplete =
      isRolling && [counts.updated, counts.ready, pods.length].every((count) => count === wished);
    return {
      ...observed(set),
      replicas: pods.length,
      ...withoutZeros({
        readyReplicas: counts.ready,
        currentReplicas: isComplete ? counts.updated : counts.current,
        updatedReplicas: counts.updated,
      }),
      availableReplicas: counts.available,
      currentRevision: isComplete ? names.updateRevision : names.currentRevision,
      updateRevision: names.updateRevision,
      collisionCount: set.status?.collisionCount ?? 0,
    };
  }
}

interface RevisionNames {
  readonly currentRevision: string;
  readonly updateRevision: string;
}

interface PodCounts {
  readonly current: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

function countPods(
  set: StatefulSet,
  pods: readonly Pod[],
  { currentRevision: current, updateRevision: update, nowMs }: RevisionNames & { readonly nowMs: number },
): PodCounts {
  const count = (accept: (pod: Pod) => boolean): number => pods.filter(accept).length;
  const ofRevision = (name: string): number =>
    count((pod) => revisionNameOf(pod) === name && !isDeleting(pod));
  return {
    current: ofRevision(current),
    updated: ofRevision(update),
    ready: count((pod) => isReady(pod) && pod.status?.phase === 'Running'),
    available: count((pod) => isAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)),
  };
}

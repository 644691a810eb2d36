/** Finds a node for every pod that has none. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import { type Timer, rfc3339 } from '#platform/clock.ts';
import { pick } from '#platform/random.ts';
import { type Component, type FleetContext, noteFailure } from '../fleet-context.ts';
import { createdMs, isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { isFinished } from '../resources.ts';
import { ClusterSnapshot } from './cluster-snapshot.ts';
import type { NodeInfo } from './node-info.ts';
import { candidateOf, failureMessage, refusalOf } from './filters.ts';
import { scoresOf } from './scores.ts';

export interface SchedulerOptions {
  readonly context: FleetContext;
  /** Only pods that ask for a scheduler of this name. Default `default-scheduler`. */
  readonly name?: string;
  /** How long one round takes. */
  readonly latencyMs?: number;
}

interface Waiting {
  readonly pod: Pod;
  readonly attempts: number;
  /** Not before this time; Infinity where only a change of the cluster can help. */
  readonly fromMs: number;
  readonly isUnschedulable: boolean;
}

const FIRST_BACK_OFF_MS = 1000;
const LAST_BACK_OFF_MS = 10_000;
/** Pods that nothing helped are looked at again after this. */
const FLUSH_MS = 300_000;
const EPSILON = 1e-9;

export class Scheduler implements Component {
  readonly #context: FleetContext;
  readonly #name: string;
  readonly #latencyMs: number;
  readonly #snapshot: ClusterSnapshot;
  readonly #waiting = new Map<string, Waiting>();
  readonly #stopWatching: () => void;
  #nextRound: { readonly atMs: number; readonly timer: Timer } | undefined;

  constructor(options: SchedulerOptions) {
    this.#context = options.context;
    this.#name = options.name ?? 'default-scheduler';
    this.#latencyMs = options.latencyMs ?? 5;
    this.#snapshot = new ClusterSnapshot(options.context.access, () => { this.#retryAll(); }); // prettier-ignore
    this.#stopWatching = options.context.access.onChange(PODS, ({ type, object }) => {
      if (type === 'DELETED' || !this.#isOurs(object)) this.#waiting.delete(uidOf(object));
      else this.#admit(object);
    });
  }

  stop(): void {
    this.#stopWatching();
    this.#snapshot.stop();
    this.#nextRound?.timer.cancel();
  }

  #isOurs(pod: Pod): boolean {
    const { nodeName, schedulerName = 'default-scheduler', schedulingGates = [] } = pod.spec ?? {};
    const isFree = (nodeName ?? '') === '' && schedulingGates.length === 0;
    return isFree && schedulerName === this.#name && !isDeleting(pod) && !isFinished(pod);
  }

  #admit(pod: Pod): void {
    const known = this.#waiting.get(uidOf(pod));
    this.#waiting.set(uidOf(pod), known === undefined ? fresh(pod) : { ...known, pod });
    if (known === undefined) this.#planRound(this.#latencyMs);
  }

  /** Something may have made room: pods that were turned away are tried again after their back-off. */
  #retryAll(): void {
    const nowMs = this.#context.clock.now();
    for (const [uid, waiting] of this.#waiting) {
      if (!waiting.isUnschedulable) continue;
      const backOffMs = Math.min(LAST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (waiting.attempts - 1));
      const fromMs = Math.min(waiting.fromMs, nowMs + backOffMs);
      this.#waiting.set(uid, { ...waiting, fromMs, isUnschedulable: false });
      this.#planRound(backOffMs);
    }
  }

  #planRound(delayMs: number): void {
    const atMs = this.#context.clock.now() + delayMs;
    if (this.#nextRound !== undefined && atMs >= this.#nextRound.atMs) return;
    this.#nextRound?.timer.cancel();
    const timer = this.#context.clock.after(delayMs, () => {
      this.#nextRound = undefined;
      this.#round();
    });
    this.#nextRound = { atMs, timer };
  }

  #round(): void {
    const nowMs = this.#context.clock.now();
    const due = [...this.#waiting.values()].filter((waiting) => waiting.fromMs <= nowMs).sort(byPriority);
    for (const waiting of due) this.#schedule(waiting);
    const nextMs = Math.min(...[...this.#waiting.values()].map((waiting) => waiting.fromMs));
    if (nextMs < Infinity) this.#planRound(Math.max(this.#latencyMs, nextMs - nowMs));
  }

  #schedule(waiting: Waiting): void {
    const { pod } = waiting;
    const candidate = candidateOf(pod);
    const infos = this.#snapshot.nodes();
    const refusals = infos.map((info) => refusalOf(candidate, info, infos));
    const possible = infos.filter((_, index) => refusals[index] === undefined);
    if (possible.length === 0) {
      this.#turnAway(waiting, failureMessage(refusals.filter((refusal) => refusal !== undefined)));
      return;
    }
    const scores = scoresOf(candidate, possible, infos);
    const nodeName = nameOf(this.#best(possible, scores).node);
    this.#waiting.delete(uidOf(pod));
    this.#snapshot.assume(pod, nodeName);
    void this.#bind(waiting, nodeName);
  }

  /** Of equally good nodes one is drawn. */
  #best(possible: readonly NodeInfo[], scores: readonly number[]): NodeInfo {
    const top = Math.max(...scores);
    const best = possible.filter((_, index) => (scores[index] ?? 0) >= top - EPSILON);
    return pick(this.#context.random, best);
  }

  async #bind(waiting: Waiting, nodeName: string): Promise<void> {
    const { pod } = waiting;
    try {
      await this.#context.access.bind(keyOf(pod), nodeName);
      const message = `Successfully assigned ${namespaceOf(pod)}/${nameOf(pod)} to ${nodeName}`;
      this.#emit(pod, { type: 'Normal', reason: 'Scheduled', message });
    } catch (error) {
      noteFailure(this.#context, `binding pod ${nameOf(pod)}`, error);
      this.#snapshot.forget(pod);
      const current = this.#context.access.get(PODS, keyOf(pod));
      if (current === undefined || uidOf(current) !== uidOf(pod) || !this.#isOurs(current)) return;
      this.#waiting.set(uidOf(pod), { ...this.#backedOff(waiting), pod: current });
      this.#planRound(FIRST_BACK_OFF_MS);
    }
  }

  #backedOff(waiting: Waiting): Waiting {
    const fromMs = this.#context.clock.now() + FIRST_BACK_OFF_MS;
    return { ...waiting, attempts: waiting.attempts + 1, fromMs, isUnschedulable: false };
  }

  #turnAway(waiting: Waiting, message: string): void {
    const { pod } = waiting;
    const fromMs = this.#context.clock.now() + FLUSH_MS;
    this.#waiting.set(uidOf(pod), { pod, attempts: waiting.attempts + 1, fromMs, isUnschedulable: true });
    this.#emit(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    void this.#writeUnschedulable(pod, message);
  }

  async #writeUnschedulable(pod: Pod, message: string): Promise<void> {
    const { access, clock } = this.#context;
    const conditions = withUnschedulable(pod, message, rfc3339(clock.now()));
    if (conditions === undefined) return;
    try {
      await access.mergePatch(PODS, keyOf(pod), { body: { status: { conditions } }, subresource: 'status' });
    } catch (error) {
      noteFailure(this.#context, 'writing that a pod is unschedulable', error);
    }
  }

  #emit(pod: Pod, event: { type: 'Normal' | 'Warning'; reason: string; message: string }): void {
    this.#context.events.emit(pod, { ...event, component: this.#name });
  }
}

function fresh(pod: Pod): Waiting {
  return { pod, attempts: 0, fromMs: -Infinity, isUnschedulable: false };
}

type Conditions = NonNullable<NonNullable<Pod['status']>['conditions']>;

/** The pod's conditions with PodScheduled=False; undefined where they say so already. */
function withUnschedulable(pod: Pod, message: string, time: string): Conditions | undefined {
  const conditions = pod.status?.conditions ?? [];
  const before = conditions.find((condition) => condition.type === 'PodScheduled');
  if (before?.message === message) return undefined;
  const lastTransitionTime = before?.status === 'False' ? (before.lastTransitionTime ?? time) : time;
  const others = conditions.filter((condition) => condition !== before);
  const { generation } = pod.metadata ?? {};
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  const why = { ...seen, reason: 'Unschedulable', message, lastTransitionTime };
  return [...others, { type: 'PodScheduled', status: 'False', ...why }];
}

/** Higher priority first, then first come, first served. */
function byPriority(a: Waiting, b: Waiting): number {
  return (
    (b.pod.spec?.priority ?? 0) - (a.pod.spec?.priority ?? 0) ||
    createdMs(a.pod) - createdMs(b.pod) ||
    (nameOf(a.pod) < nameOf(b.pod) ? -1 : 1)
  );
}

/** One pod on one of our nodes, from its binding to its end. */
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { isConflict, isNotFound } from '#kube/client/api-error.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { stableText } from '../naming.ts';
import { noteFailure } from '../fleet-context.ts';
import { isDeleting, uidOf } from '../meta.ts';
import { allocatableOf, isFinished, isSidecar } from '../resources.ts';
import type { LifecycleProfile } from '../usage/usage-schema.ts';
import { findShortage, shortageMessage } from './admission.ts';
import { ContainerRunner } from './container-runner.ts';
import { type KubeletServices, emitPodEvent } from './kubelet-services.ts';
import { type ContainerKind, lifecycleOf } from './lifecycle.ts';
import type { PodView } from './pod-conditions.ts';
import { PodResizer } from './pod-resizer.ts';
import { type PodStatus, buildPodStatus, rejectedStatus } from './pod-status.ts';
import { StatusWriter } from './status-writer.ts';
import { draw } from './timing.ts';

const DELETE_RETRY_MS = 1000;
const DEFAULT_GRACE_SECONDS = 30;

export class PodWorker {
  readonly #services: KubeletServices;
  readonly #timers: TimerGroup;
  readonly #writer: StatusWriter;
  readonly #resizer: PodResizer;
  readonly #lifecycle: LifecycleProfile;
  readonly #init: readonly ContainerRunner[];
  readonly #main: readonly ContainerRunner[];
  readonly #podIp: string;
  #pod: Pod;
  #startedMs: number | undefined;
  /** Why the node turned the pod away. */
  #rejection: { readonly reason: string; readonly message: string } | undefined;
  #isInitialized = false;
  #hasSandbox = false;
  #terminating = false;
  #wasReady = false;
  #isOver = false;

  constructor(pod: Pod, services: KubeletServices, podIp: string) {
    this.#pod = pod;
    this.#services = services;
    this.#podIp = podIp;
    this.#timers = new TimerGroup(services.context.clock);
    const lifecycle = lifecycleOf(pod);
    this.#lifecycle = lifecycle instanceof KcError ? {} : lifecycle;
    this.#init = (pod.spec?.initContainers ?? []).map((container) =>
      this.#runner(container, isSidecar(container) ? 'sidecar' : 'init'),
    );
    this.#main = (pod.spec?.containers ?? []).map((container) => this.#runner(container, 'main'));
    this.#writer = new StatusWriter({
      context: services.context,
      pod: () => this.#pod,
      build: () => this.#status(),
      onWritten: (written) => { this.update(written); },
    }); // prettier-ignore
    this.#resizer = new PodResizer({
      services,
      pod: () => this.#pod,
      runners: this.#main,
      onChange: () => { this.#writer.request(); },
    }); // prettier-ignore
    if (pod.status?.startTime === undefined)
      this.#afterNotice(() => { this.#begin(); }); // prettier-ignore
    else this.#resume(pod.status);
  }

  get wantsRoom(): boolean {
    return this.#resizer.isDeferred;
  }

  /** The pod's object has changed. Older states than the one known are left aside. */
  update(pod: Pod): void {
    const before = this.#pod;
    if (isOlder(pod, before)) return;
    this.#pod = pod;
    if (isDeleting(pod)) {
      this.#beginEnd();
    } else if (isOtherSpec(pod, before)) {
      this.#afterNotice(() => { this.checkResize(); }); // prettier-ignore
    }
  }

  #beginEnd(): void {
    if (this.#terminating) return;
    this.#terminating = true;
    this.#setReady(false);
    this.#afterNotice(() => { void this.#terminate(); }); // prettier-ignore
  }

  /** Decides about a wish for other resources, as far as there is one. */
  checkResize(): void {
    if (this.#startedMs === undefined || this.#terminating || this.#isOver) return;
    this.#resizer.check();
    this.#writer.request();
  }

  /** The share of the demand that the pod carries has changed. */
  shareChanged(): void {
    for (const runner of this.#runners()) runner.replanOom();
  }

  /** The object is gone: nothing is written any more. */
  remove(): void {
    this.#timers.cancelAll();
    this.#resizer.cancel();
    this.#writer.close();
    for (const runner of this.#runners()) runner.abandon();
    const { usage, context, sharesChanged } = this.#services;
    sharesChanged(usage.remove(uidOf(this.#pod), context.clock.now()));
  }

  #runner(container: Container, kind: ContainerKind): ContainerRunner {
    return new ContainerRunner({
      services: this.#services,
      container,
      kind,
      lifecycle: this.#lifecycle,
      pod: () => this.#pod,
      onChange: () => { this.#containerChanged(); },
    }); // prettier-ignore
  }

  #runners(): readonly ContainerRunner[] {
    return [...this.#init, ...this.#main];
  }

  #afterNotice(callback: () => void): void {
    const { context, timing } = this.#services;
    this.#timers.after(draw(context.random, timing.notice), callback);
  }

  /** The pod was begun by another kubelet, before a restart of this one. */
  #resume(status: NonNullable<Pod['status']>): void {
    const startedMs = Date.parse(status.startTime ?? '');
    this.#startedMs = Number.isNaN(startedMs) ? this.#services.context.clock.now() : startedMs;
    const known = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const runner of this.#runners()) {
      const found = known.find((candidate) => candidate.name === runner.name);
      if (found?.containerID !== undefined) runner.adopt(found);
    }
    this.#isInitialized = this.#main.some((runner) => !runner.isUnstarted);
    this.#adoptReadiness();
    this.#containerChanged();
    if (isDeleting(this.#pod)) this.#beginEnd();
  }

  /** A pod that is ready has had its share of the demand since it ran. */
  #adoptReadiness(): void {
    if (isDeleting(this.#pod) || !this.#main.every((runner) => runner.view().ready)) return;
    this.#wasReady = true;
    const { usage, sharesChanged } = this.#services;
    const starts = this.#main.map((runner) => runner.runningSinceMs ?? 0);
    sharesChanged(usage.setReady(uidOf(this.#pod), true, Math.max(...starts)));
  }

  #begin(): void {
    if (this.#terminating) return;
    this.#startedMs = this.#services.context.clock.now();
    this.#rejection = this.#findRejection();
    if (this.#rejection !== undefined) {
      emitPodEvent(this.#services, this.#pod, { type: 'Warning', ...this.#rejection });
      this.#isOver = true;
    } else {
      this.#startNext();
    }
    this.#writer.request();
  }

  #findRejection(): { readonly reason: string; readonly message: string } | undefined {
    const { access, indexes } = this.#services.context;
    const nodeName = this.#pod.spec?.nodeName ?? '';
    const node = access.get(NODES, { name: nodeName });
    if (node === undefined) return undefined;
    const podsOnNode = indexes.podsByNode.get(nodeName).filter((other) => isBefore(other, this.#pod));
    const shortage = findShortage({ pod: this.#pod, podsOnNode, allocatable: allocatableOf(node) });
    if (shortage === undefined) return undefined;
    return { reason: `OutOf${shortage.resource}`, message: shortageMessage(shortage) };
  }

  /** Init containers run one after the other, sidecars go on; then all main containers start together. */
  #startNext(): void {
    const next = this.#init.find((runner) => runner.isUnstarted);
    const isBusy = this.#init.some(
      (runner) => runner.kind === 'init' && !runner.isUnstarted && !runner.view().isOver,
    );
    if (isBusy) return;
    if (next !== undefined) {
      next.start();
      return;
    }
    this.#isInitialized = true;
    for (const runner of this.#main) if (runner.isUnstarted) runner.start();
  }

  #containerChanged(): void {
    this.#hasSandbox ||= this.#runners().some((runner) => runner.isRunning);
    const view = this.#view();
    if (!this.#isInitialized && !this.#terminating) this.#startNext();
    this.#setReady(!this.#terminating && view.main.every((container) => container.ready));
    if (!this.#terminating && this.#main.every((runner) => runner.view().isOver)) this.#finish();
    this.#writer.request();
  }

  /** All containers have ended by themselves and for good. */
  #finish(): void {
    this.#isOver = true;
    for (const runner of this.#init) runner.stop(0);
    this.#resizer.cancel();
    const { usage, context, sharesChanged } = this.#services;
    sharesChanged(usage.remove(uidOf(this.#pod), context.clock.now()));
    void this.#writer.flushed().then(() => { this.#freeRoom(); }); // prettier-ignore
  }

  #setReady(ready: boolean): void {
    if (ready === this.#wasReady) return;
    this.#wasReady = ready;
    const { usage, context, sharesChanged } = this.#services;
    sharesChanged(usage.setReady(uidOf(this.#pod), ready, context.clock.now()));
  }

  async #terminate(): Promise<void> {
    this.#resizer.cancel();
    const { metadata, spec } = this.#pod;
    const seconds =
      metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    await Promise.all(this.#runners().map((runner) => runner.stopped(seconds * 1000)));
    this.#startedMs ??= this.#services.context.clock.now();
    this.#writer.request();
    await this.#writer.flushed();
    await this.#delete();
  }

  async #delete(): Promise<void> {
    const { context } = this.#services;
    try {
      await context.access.delete(PODS, keyOf(this.#pod), { uid: uidOf(this.#pod) });
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      noteFailure(context, 'deleting a pod that has ended', error);
      this.#timers.after(DELETE_RETRY_MS, () => { void this.#delete(); }); // prettier-ignore
    }
  }

  #freeRoom(): void {
    this.#services.roomFreed(this.#pod.spec?.nodeName ?? '');
  }

  #view(): PodView {
    return {
      init: this.#init.filter((runner) => runner.kind === 'init').map((runner) => runner.view()),
      main: this.#main.map((runner) => runner.view()),
      isInitialized: this.#isInitialized,
      hasSandbox: this.#hasSandbox,
      isTerminal: this.#terminating,
    };
  }

  #status(): PodStatus {
    const { context } = this.#services;
    const nowMs = context.clock.now();
    if (this.#rejection !== undefined) return rejectedStatus(this.#pod, nowMs, this.#rejection);
    return buildPodStatus({
      pod: this.#pod,
      node: context.access.get(NODES, { name: this.#pod.spec?.nodeName ?? '' }),
      podIp: this.#podIp,
      startedMs: this.#startedMs ?? nowMs,
      nowMs,
      view: this.#view(),
      init: this.#init,
      main: this.#main,
      resize: this.#terminating ? [] : this.#resizer.conditions(),
    });
  }
}

/** Resource versions of one object grow; where they are not numbers the later message wins. */
function isOlder(candidate: Pod, known: Pod): boolean {
  return Number(candidate.metadata?.resourceVersion) < Number(known.metadata?.resourceVersion);
}

/** Pods have a generation since 1.33; before, their specs must be looked at. */
function isOtherSpec(pod: Pod, before: Pod): boolean {
  if (pod.metadata?.generation === undefined) return stableText(pod.spec) !== stableText(before.spec);
  return pod.metadata.generation !== before.metadata?.generation;
}

/** Of two pods that came at once the one with the smaller UID was there first, so that one of them stays. */
function isBefore(other: Pod, pod: Pod): boolean {
  if (other.status?.startTime !== undefined) return !isFinished(other);
  return uidOf(other) < uidOf(pod);
}

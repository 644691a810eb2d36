/** Runs one container: starts it, restarts it with back-off, and ends it by exit, memory or request. */
import type { ContainerStatus, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import { KcError } from '#errors/kc-error.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';
import { limitsOf } from '../resources.ts';
import type { ContainerLimits, ContainerMeter } from '../usage/container-meter.ts';
import { BackOff, waitText } from './back-off.ts';
import {
  type ContainerState,
  type TerminatedState,
  containerStatus,
  parseState,
  parseTerminated,
} from './container-state.ts';
import { ImagePuller } from './image-puller.ts';
import { type ContainerPlace, emitContainerEvent } from './kubelet-services.ts';
import { type ContainerKind, exitPlan, isRestarted, startupMs } from './lifecycle.ts';
import { emitOomKill } from './oom-event.ts';
import { OomWatch } from './oom-watch.ts';
import type { ContainerView } from './pod-conditions.ts';
import { draw } from './timing.ts';

export interface ContainerRunnerOptions extends ContainerPlace {
  readonly kind: ContainerKind;
  /** Something changed that the pod's status shows. */
  readonly onChange: () => void;
}

interface Ending {
  readonly exitCode: number;
  readonly reason: string;
}

const SIGKILL_EXIT_CODE = 137;
const COMPLETED: Ending = { exitCode: 0, reason: 'Completed' };

export class ContainerRunner {
  readonly #options: ContainerRunnerOptions;
  readonly #timers: TimerGroup;
  readonly #crashes = new BackOff();
  readonly #puller: ImagePuller;
  readonly #oomWatch: OomWatch;
  #state: ContainerState;
  #lastState: TerminatedState | undefined;
  #containerId = '';
  #restartCount = 0;
  #ready = false;
  #begun = false;
  #stopping = false;
  #onStopped: () => void = () => undefined;
  #allocated: ResourceRequirements | undefined;
  #actual: ResourceRequirements | undefined;
  #meter: ContainerMeter | undefined;

  constructor(options: ContainerRunnerOptions) {
    const { clock } = options.services.context;
    this.#options = options;
    this.#timers = new TimerGroup(clock);
    this.#puller = new ImagePuller(options, {
      onPulled: () => { this.#create(); },
      onWaiting: (state) => { this.#show(state); },
    }); // prettier-ignore
    this.#oomWatch = new OomWatch(clock, () => { this.#oomKill(); }); // prettier-ignore
    this.#state = {
      kind: 'waiting',
      reason: options.kind === 'main' ? 'ContainerCreating' : 'PodInitializing',
    };
    this.#allocated = options.container.resources;
  }

  get name(): string {
    return this.#options.container.name;
  }

  get kind(): ContainerKind {
    return this.#options.kind;
  }

  get isRunning(): boolean {
    return this.#state.kind === 'running';
  }

  get runningSinceMs(): number | undefined {
    return this.#state.kind === 'running' ? this.#state.startedMs : undefined;
  }

  /** It waits and nobody has asked it to start. */
  get isUnstarted(): boolean {
    return !this.#begun;
  }

  /** What the node has promised. */
  get allocated(): ResourceRequirements | undefined {
    return this.#allocated;
  }

  /** What is in effect; undefined before the container runs. */
  get actual(): ResourceRequirements | undefined {
    return this.#actual;
  }

  /** Its working set in bytes; 0 while it does not run. */
  memoryBytes(): number {
    return this.#meter?.read(this.#nowMs()).memoryBytes ?? 0;
  }

  view(): ContainerView {
    return { name: this.name, state: this.#state, ready: this.#ready, isOver: this.#isOver() };
  }

  status(): ContainerStatus {
    return containerStatus({
      container: this.#options.container,
      state: this.#state,
      lastState: this.#lastState,
      containerId: this.#containerId,
      restartCount: this.#restartCount,
      ready: this.#ready,
      started: this.isRunning,
      allocated: this.#allocated,
      actual: this.#actual,
    });
  }

  start(): void {
    this.#begun = true;
    this.#puller.pull();
  }

  /** Goes on where another kubelet left off: a container that ran still runs, any other is started again. */
  adopt(status: ContainerStatus): void {
    const { containerID = '', restartCount, lastState, resources } = status;
    const state = parseState(status.state, containerID) ?? this.#state;
    this.#containerId = containerID;
    this.#restartCount = restartCount;
    this.#lastState = lastState?.terminated && parseTerminated(lastState.terminated, containerID);
    this.#allocated = resources ?? this.#allocated;
    this.#begun = true;
    this.#state = state;
    if (state.kind === 'running') this.#resume(state.startedMs, status.ready);
    else if (!this.#isOver()) this.start();
  }

  #resume(startedMs: number, ready: boolean): void {
    try {
      this.#meter = this.#startUsage(startedMs);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#actual = this.#allocated;
    this.#ready = ready;
    this.#oomWatch.plan(this.#meter);
    if (!ready) this.#planReady();
    this.#planExit();
  }

  /** The node grants other resources; `actuate` puts them into effect. */
  allocate(resources: ResourceRequirements | undefined): void {
    this.#allocated = resources;
  }

  actuate(): void {
    this.#actual = this.#allocated;
    this.#meter?.setLimits(limitsFrom(this.#allocated), this.#nowMs());
    this.replanOom();
  }

  /** Ends the container and starts it again, with what was allocated. */
  restart(message: string): void {
    if (!this.isRunning) return;
    emitContainerEvent(this.#options, { reason: 'Killing', message });
    this.#terminate(COMPLETED);
    this.#startAgain(0);
  }

  /** Asks the container to stop for good. Resolves when it has. */
  stopped(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onStopped = resolve;
      this.stop(graceMs);
    });
  }

  stop(graceMs: number): void {
    this.#stopping = true;
    this.#cancel();
    if (!this.isRunning) {
      this.#show(this.#state.kind === 'terminated' ? this.#state : this.#neverRan());
      this.#onStopped();
      return;
    }
    emitContainerEvent(this.#options, { reason: 'Killing', message: `Stopping container ${this.name}` });
    const wishedMs = this.#stopMs();
    const isKilled = wishedMs > graceMs;
    this.#timers.after(Math.min(wishedMs, graceMs), () => {
      this.#terminate(isKilled ? { exitCode: SIGKILL_EXIT_CODE, reason: 'Error' } : COMPLETED);
      this.#onStopped();
    });
  }

  /** The share of the demand or the limit has changed: the next out-of-memory kill lies elsewhere. */
  replanOom(): void {
    if (this.#meter !== undefined) this.#oomWatch.plan(this.#meter);
  }

  /** Nothing of this container happens any more. */
  abandon(): void {
    this.#stopping = true;
    this.#cancel();
    this.#endUsage();
  }

  #stopMs(): number {
    const { lifecycle, services } = this.#options;
    if (lifecycle.shutdownSeconds !== undefined) return lifecycle.shutdownSeconds * 1000;
    return draw(services.context.random, services.timing.stop);
  }

  #create(): void {
    const { context, timing } = this.#options.services;
    this.#timers.after(draw(context.random, timing.create), () => { this.#run(); }); // prettier-ignore
  }

  #run(): void {
    try {
      this.#meter = this.#startUsage(this.#nowMs());
    } catch (error) {
      this.#refuse(error);
      return;
    }
    const { random } = this.#options.services.context;
    this.#containerId = `containerd://${Buffer.from(random.bytes(32)).toString('hex')}`;
    emitContainerEvent(this.#options, { reason: 'Created', message: 'Container created' });
    emitContainerEvent(this.#options, { reason: 'Started', message: 'Container started' });
    this.#state = { kind: 'running', startedMs: this.#nowMs() };
    this.#actual = this.#allocated;
    this.#oomWatch.plan(this.#meter);
    this.#planReady();
    this.#planExit();
    this.#options.onChange();
  }

  #startUsage(atMs: number): ContainerMeter {
    const { services, container, pod } = this.#options;
    const limits = limitsFrom(this.#allocated);
    return services.usage.start({ pod: pod(), container, limits, atMs });
  }

  /** The usage annotation cannot be used: shown where kubelets show a wrong configuration. */
  #refuse(error: unknown): void {
    if (!(error instanceof KcError)) throw error;
    emitContainerEvent(this.#options, {
      type: 'Warning',
      reason: 'Failed',
      message: `Error: ${error.message}`,
    });
    this.#show({ kind: 'waiting', reason: 'CreateContainerConfigError', message: error.message });
  }

  #planReady(): void {
    const { kind, lifecycle, container, services } = this.#options;
    if (kind === 'init' || lifecycle.ready === false) return;
    const delayMs = startupMs(container, lifecycle, services.context.random);
    const becomeReady = (): void => {
      this.#ready = true;
      if (delayMs > 0) this.#options.onChange();
    };
    if (delayMs === 0) becomeReady();
    else this.#timers.after(delayMs, becomeReady);
  }

  #planExit(): void {
    const { kind, lifecycle, services, pod } = this.#options;
    const { random } = services.context;
    if (kind === 'sidecar') return;
    const plan =
      kind === 'init'
        ? { afterMs: draw(random, services.timing.init), exitCode: 0 }
        : exitPlan(pod(), lifecycle, random);
    if (plan === undefined) return;
    const reason = plan.exitCode === 0 ? 'Completed' : 'Error';
    this.#timers.after(plan.afterMs, () => { this.#end({ exitCode: plan.exitCode, reason }); }); // prettier-ignore
  }

  #oomKill(): void {
    emitOomKill(this.#options);
    this.#end({ exitCode: SIGKILL_EXIT_CODE, reason: 'OOMKilled' });
  }

  /** The container has ended by itself: its restart policy decides what follows. */
  #end(ending: Ending): void {
    this.#terminate(ending);
    if (!this.#isOver()) this.#startAgain(this.#crashes.next(this.#nowMs()));
  }

  #startAgain(waitMs: number): void {
    const { context, timing } = this.#options.services;
    const restartMs = draw(context.random, timing.restart);
    if (waitMs > restartMs) this.#timers.after(restartMs, () => { this.#showBackOff(waitMs); }); // prettier-ignore
    this.#timers.after(Math.max(waitMs, restartMs), () => {
      if (this.#state.kind === 'terminated') this.#lastState = this.#state;
      this.#restartCount += 1;
      emitContainerEvent(this.#options, {
        reason: 'Pulled',
        message: `Container image "${this.#options.container.image ?? ''}" already present on machine`,
      });
      this.#run();
    });
  }

  #showBackOff(waitMs: number): void {
    const pod = this.#options.pod();
    if (this.#state.kind === 'terminated') this.#lastState = this.#state;
    const place = `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`;
    emitContainerEvent(this.#options, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${this.name} in pod ${place}`,
    });
    const message = `back-off ${waitText(waitMs)} restarting failed container=${this.name} pod=${place}`;
    this.#show({ kind: 'waiting', reason: 'CrashLoopBackOff', message });
  }

  #terminate(ending: Ending): void {
    if (this.#state.kind !== 'running') return;
    this.#cancel();
    const { startedMs } = this.#state;
    this.#ready = false;
    this.#endUsage(ending.reason === 'OOMKilled');
    this.#show({
      kind: 'terminated',
      ...ending,
      startedMs,
      finishedMs: this.#nowMs(),
      containerId: this.#containerId,
    });
  }

  #neverRan(): TerminatedState {
    const nowMs = this.#nowMs();
    const ending = { exitCode: SIGKILL_EXIT_CODE, reason: 'ContainerStatusUnknown' };
    return {
      kind: 'terminated',
      ...ending,
      startedMs: nowMs,
      finishedMs: nowMs,
      containerId: this.#containerId,
    };
  }

  #isOver(): boolean {
    if (this.#state.kind !== 'terminated') return false;
    return this.#stopping || !isRestarted(this.#options.pod(), this.kind, this.#state.exitCode);
  }

  #show(state: ContainerState): void {
    this.#state = state;
    this.#options.onChange();
  }

  #cancel(): void {
    this.#timers.cancelAll();
    this.#puller.cancel();
    this.#oomWatch.cancel();
  }

  #endUsage(isOomKilled = false): void {
    this.#meter = undefined;
    const { services, pod } = this.#options;
    services.usage.stop(uidOf(pod()), this.name, { atMs: this.#nowMs(), isOomKilled });
  }

  #nowMs(): number {
    return this.#options.services.context.clock.now();
  }
}

function limitsFrom(resources: ResourceRequirements | undefined): ContainerLimits {
  const limits = limitsOf(resources);
  return { cpuCores: limits['cpu'], memoryBytes: limits['memory'] };
}

/** In-place resize of a pod's containers (KEP-1287), as kubelets of 1.35 and later do it. */
import type { Container, Pod, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import { NODES } from '#kube/client/builtin-types.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { allocatableOf, limitsOf, requestsOf } from '../resources.ts';
import { findShortage, infeasibleMessage, shortageMessage } from './admission.ts';
import type { ContainerRunner } from './container-runner.ts';
import { type KubeletServices, emitPodEvent } from './kubelet-services.ts';
import type { WantedCondition } from './pod-conditions.ts';
import { draw } from './timing.ts';

export interface PodResizerOptions {
  readonly services: KubeletServices;
  readonly pod: () => Pod;
  readonly runners: readonly ContainerRunner[];
  readonly onChange: () => void;
}

/** A memory limit that cannot be lowered yet is tried again after this. */
const RETRY_MS = 30_000;

type Pending = { readonly reason: 'Deferred' | 'Infeasible'; readonly message: string };

export class PodResizer {
  readonly #options: PodResizerOptions;
  readonly #timers: TimerGroup;
  #pending: Pending | undefined;
  /** Undefined: no resize is under way; else what is wrong with it, if anything. */
  #progress: { readonly error: string | undefined } | undefined;

  constructor(options: PodResizerOptions) {
    this.#options = options;
    this.#timers = new TimerGroup(options.services.context.clock);
  }

  get isDeferred(): boolean {
    return this.#pending?.reason === 'Deferred';
  }

  /** The wish may have changed, or the node may have more room: decides what to do about it. */
  check(): void {
    if (this.#changed().length === 0) {
      if (this.#pending !== undefined) this.#setPending(undefined);
      return;
    }
    const pending = this.#obstacle();
    if (pending === undefined) this.#allocate();
    else this.#setPending(pending);
  }

  conditions(): readonly WantedCondition[] {
    const pending = this.#pending && { type: 'PodResizePending', status: 'True' as const, ...this.#pending };
    const error = this.#progress?.error;
    const progress = this.#progress && {
      type: 'PodResizeInProgress',
      status: 'True' as const,
      ...(error === undefined ? {} : { reason: 'Error', message: error }),
    };
    return [pending, progress].filter((condition) => condition !== undefined);
  }

  cancel(): void {
    this.#timers.cancelAll();
  }

  /** Containers whose wish differs from what is allocated. */
  #changed(): readonly [ContainerRunner, Container][] {
    const containers = this.#options.pod().spec?.containers ?? [];
    return this.#options.runners.flatMap((runner): [ContainerRunner, Container][] => {
      const container = containers.find((candidate) => candidate.name === runner.name);
      if (container === undefined || sameResources(container.resources, runner.allocated)) return [];
      return [[runner, container]];
    });
  }

  #obstacle(): Pending | undefined {
    const { services, pod } = this.#options;
    const { access, indexes } = services.context;
    const nodeName = pod().spec?.nodeName ?? '';
    const node = access.get(NODES, { name: nodeName });
    if (node === undefined) return undefined;
    const shortage = findShortage({
      pod: pod(),
      podsOnNode: indexes.podsByNode.get(nodeName),
      allocatable: allocatableOf(node),
    });
    if (shortage === undefined) return undefined;
    const infeasible = infeasibleMessage(shortage);
    return infeasible === undefined
      ? { reason: 'Deferred', message: shortageMessage(shortage) }
      : { reason: 'Infeasible', message: infeasible };
  }

  #setPending(pending: Pending | undefined): void {
    const before = this.#pending;
    this.#pending = pending;
    if (before?.message === pending?.message) return;
    if (pending !== undefined) {
      const message = `Pod resize ${pending.reason}: ${this.#summary(pending.message)}`;
      emitPodEvent(this.#options.services, this.#options.pod(), {
        type: 'Warning',
        reason: `Resize${pending.reason}`,
        message,
      });
    }
    this.#options.onChange();
  }

  #allocate(): void {
    const { services, onChange } = this.#options;
    for (const [runner, container] of this.#changed()) runner.allocate(container.resources);
    this.#pending = undefined;
    this.#progress = { error: undefined };
    this.#tell('ResizeStarted', 'Pod resize started');
    onChange();
    this.#timers.cancelAll();
    this.#timers.after(draw(services.context.random, services.timing.actuate), () => { this.#actuate(); }); // prettier-ignore
  }

  #actuate(): void {
    const waiting = this.#options.runners.filter(
      (runner) => runner.isRunning && !sameResources(runner.allocated, runner.actual),
    );
    const error = waiting.map((runner) => this.#limitError(runner)).find((text) => text !== undefined);
    if (error !== undefined) {
      this.#fail(error);
      return;
    }
    for (const runner of waiting) this.#actuateOne(runner);
    this.#progress = undefined;
    this.#tell('ResizeCompleted', 'Pod resize completed');
    this.#options.onChange();
    this.#options.services.roomFreed(this.#options.pod().spec?.nodeName ?? '');
  }

  /** A memory limit below what is in use would kill the container; kubelets since 1.34 wait instead. */
  #limitError(runner: ContainerRunner): string | undefined {
    if (restartsFor(this.#container(runner), 'memory')) return undefined;
    const limitBytes = limitsOf(runner.allocated)['memory'];
    const usedBytes = Math.round(runner.memoryBytes());
    if (limitBytes === undefined || usedBytes <= limitBytes) return undefined;
    return `attempting to set pod memory limit (${limitBytes}) below current usage (${usedBytes})`;
  }

  #fail(error: string): void {
    if (this.#progress?.error === undefined) {
      this.#progress = { error };
      const message = `Pod resize error: ${this.#summary(error)}`;
      emitPodEvent(this.#options.services, this.#options.pod(), {
        type: 'Warning',
        reason: 'ResizeError',
        message,
      });
      this.#options.onChange();
    }
    this.#timers.after(RETRY_MS, () => { this.#actuate(); }); // prettier-ignore
  }

  #actuateOne(runner: ContainerRunner): void {
    const container = this.#container(runner);
    const changed = (['cpu', 'memory'] as const).filter(
      (name) =>
        requestsOf(runner.allocated)[name] !== requestsOf(runner.actual)[name] ||
        limitsOf(runner.allocated)[name] !== limitsOf(runner.actual)[name],
    );
    if (changed.some((name) => restartsFor(container, name))) {
      runner.restart(`Container ${runner.name} resize requires restart`);
    } else {
      runner.actuate();
    }
  }

  #container(runner: ContainerRunner): Container | undefined {
    return this.#options.pod().spec?.containers.find((candidate) => candidate.name === runner.name);
  }

  #tell(reason: string, text: string): void {
    emitPodEvent(this.#options.services, this.#options.pod(), {
      reason,
      message: `${text}: ${this.#summary()}`,
    });
  }

  /** The JSON that kubelets put into resize events. */
  #summary(error?: string): string {
    const pod = this.#options.pod();
    return JSON.stringify({
      containers: pod.spec?.containers.map(({ name, resources }) => ({ name, resources })),
      generation: pod.metadata?.generation ?? 0,
      ...(error === undefined ? {} : { error }),
    });
  }
}

function restartsFor(container: Container | undefined, resource: string): boolean {
  const policy = container?.resizePolicy?.find((candidate) => candidate.resourceName === resource);
  return policy?.restartPolicy === 'RestartContainer';
}

/** Whether two containers ask for the same; texts may differ: `1000m` and `1`. */
export function sameResources(
  a: ResourceRequirements | undefined,
  b: ResourceRequirements | undefined,
): boolean {
  return sameAmounts(requestsOf(a), requestsOf(b)) && sameAmounts(limitsOf(a), limitsOf(b));
}

function sameAmounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

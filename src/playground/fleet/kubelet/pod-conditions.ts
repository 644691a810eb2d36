/** The phase and conditions that a kubelet derives from its containers (pkg/kubelet/status/generate.go). */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { ContainerState } from './container-state.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';
export type PodCondition = NonNullable<NonNullable<Pod['status']>['conditions']>[number] & {
  readonly observedGeneration?: number;
};

export interface ContainerView {
  readonly name: string;
  readonly state: ContainerState;
  readonly ready: boolean;
  /** It has ended and will not be started again. */
  readonly isOver: boolean;
}

export interface PodView {
  readonly init: readonly ContainerView[];
  readonly main: readonly ContainerView[];
  readonly isInitialized: boolean;
  readonly hasSandbox: boolean;
  /** The pod is ending for good: containers that stopped will not come back. */
  readonly isTerminal: boolean;
}

/** A container that has begun at least once. */
function hasRun(state: ContainerState): boolean {
  return state.kind !== 'waiting' || state.reason === 'CrashLoopBackOff';
}

export function phaseOf(view: PodView): PodPhase {
  const isFailedInit = view.init.some((container) => container.isOver && failed(container.state));
  if (isFailedInit) return 'Failed';
  if (!view.isInitialized || !view.main.every((container) => hasRun(container.state))) {
    return view.isTerminal && view.main.every((container) => container.isOver) ? 'Failed' : 'Pending';
  }
  if (!view.main.every((container) => container.isOver)) return 'Running';
  return view.main.some((container) => failed(container.state)) ? 'Failed' : 'Succeeded';
}

function failed(state: ContainerState): boolean {
  return state.kind === 'terminated' && state.exitCode !== 0;
}

/** A condition without its times. */
export interface WantedCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions that a kubelet owns, in its order, without times. */
export function wantedConditions(view: PodView, phase: PodPhase): readonly WantedCondition[] {
  const ready = readiness(view, phase);
  return [
    { type: 'PodReadyToStartContainers', status: view.hasSandbox ? 'True' : 'False' },
    initialized(view, phase),
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
}

function initialized(view: PodView, phase: PodPhase): WantedCondition {
  if (phase === 'Succeeded') return { type: 'Initialized', status: 'True', reason: 'PodCompleted' };
  if (view.isInitialized) return { type: 'Initialized', status: 'True' };
  const names = view.init.filter((container) => !container.isOver).map((container) => container.name);
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names.join(' ')}]`,
  };
}

function readiness(view: PodView, phase: PodPhase): Omit<WantedCondition, 'type'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = view.main.filter((container) => !container.ready).map((container) => container.name);
  if (unready.length === 0) return { status: 'True' };
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

/**
 * Times and generations: a condition whose status did not change keeps its time. Conditions of others stay, and
 * those that a kubelet owns but does not want any more (a resize that is over) go.
 */
export function mergeConditions(
  before: readonly PodCondition[],
  wanted: readonly WantedCondition[],
  at: { readonly time: string; readonly generation: number | undefined },
): readonly PodCondition[] {
  const merged = wanted.map((want): PodCondition => {
    const old = before.find((condition) => condition.type === want.type);
    const time = old?.status === want.status ? (old.lastTransitionTime ?? at.time) : at.time;
    return {
      ...(at.generation === undefined ? {} : { observedGeneration: at.generation }),
      lastTransitionTime: time,
      ...want,
    };
  });
  const foreign = before.filter(({ type }) => !OWNED.has(type) && !wanted.some((want) => want.type === type));
  return [...merged, ...foreign];
}

const OWNED = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
]);

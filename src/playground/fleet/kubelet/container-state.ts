/** What a container is doing, as its status says it. */
import type { Container, ContainerStatus, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedMs: number }
  | TerminatedState;

export interface TerminatedState {
  readonly kind: 'terminated';
  readonly exitCode: number;
  readonly reason: string;
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly containerId: string;
}

/** Everything that a container's status shows. */
export interface ContainerFacts {
  readonly container: Container;
  readonly state: ContainerState;
  readonly lastState: TerminatedState | undefined;
  readonly containerId: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly started: boolean;
  /** What the node has promised; undefined before admission. */
  readonly allocated: ResourceRequirements | undefined;
  /** What is in effect for the running container. */
  readonly actual: ResourceRequirements | undefined;
}

export function containerStatus(facts: ContainerFacts): ContainerStatus {
  const { container, allocated, actual } = facts;
  const requests = allocated?.requests;
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: facts.containerId === '' ? '' : imageId(container.image ?? ''),
    ...(facts.containerId === '' ? {} : { containerID: facts.containerId }),
    ready: facts.ready,
    started: facts.started,
    restartCount: facts.restartCount,
    state: stateJson(facts.state),
    lastState: facts.lastState === undefined ? {} : stateJson(facts.lastState),
    ...(requests === undefined || Object.keys(requests).length === 0 ? {} : { allocatedResources: requests }),
    ...(actual === undefined ? {} : { resources: actual }),
  };
}

function stateJson(state: ContainerState): NonNullable<ContainerStatus['state']> {
  switch (state.kind) {
    case 'waiting':
      return {
        waiting: {
          reason: state.reason,
          ...(state.message === undefined ? {} : { message: state.message }),
        },
      };
    case 'running':
      return { running: { startedAt: rfc3339(state.startedMs) } };
    case 'terminated':
      return {
        terminated: {
          exitCode: state.exitCode,
          reason: state.reason,
          startedAt: rfc3339(state.startedMs),
          finishedAt: rfc3339(state.finishedMs),
          containerID: state.containerId,
        },
      };
  }
}

/** Reads what `stateJson` wrote; undefined where it says nothing. */
export function parseState(state: ContainerStatus['state'], containerId: string): ContainerState | undefined {
  const { waiting, running, terminated } = state ?? {};
  if (running !== undefined) return { kind: 'running', startedMs: timeOf(running.startedAt) };
  if (waiting !== undefined) return { kind: 'waiting', reason: waiting.reason ?? '' };
  return terminated && parseTerminated(terminated, containerId);
}

type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

export function parseTerminated(terminated: Terminated, containerId: string): TerminatedState {
  return {
    kind: 'terminated',
    exitCode: terminated.exitCode,
    reason: terminated.reason ?? '',
    startedMs: timeOf(terminated.startedAt),
    finishedMs: timeOf(terminated.finishedAt),
    containerId: terminated.containerID ?? containerId,
  };
}

function timeOf(text: string | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** A digest that is the same wherever the same image runs. */
function imageId(image: string): string {
  let digest = '';
  for (let part = 0; digest.length < 64; part += 1) digest += hashHex(`${image}/${part}`);
  return `${image.replace(/:[^/]*$/, '')}@sha256:${digest.slice(0, 64)}`;
}

function hashHex(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** What a pod's object tells: its health, the sizes it carries, and how far a resize in place has come. */
import type { ContainerStatus, Pod } from '#apis/kubernetes/builtin.ts';
import type { FieldMap } from '../change/field.ts';
import { readActualPodFields, readDesiredPodFields } from '../change/pod-objects.ts';
import { beneathBoost, boostOf } from '../startup-boost/boost.ts';
import type { ContainerHealth, PodHealth } from '../verification/verification.ts';

/** How a resize stands (KEP-1287): the kubelet cannot now, cannot ever, or failed. */
export interface ResizeState {
  readonly problem: 'Deferred' | 'Infeasible' | 'Error' | undefined;
  readonly message: string;
  readonly sinceMs: number | undefined;
  readonly inProgress: boolean;
}

export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly nodeName: string | undefined;
  readonly terminating: boolean;
  readonly running: boolean;
  /** Failed or succeeded: it never runs again, and no resize reaches it. */
  readonly ended: boolean;
  readonly health: PodHealth;
  /** Sizes that the kubelet put in force; a boost while the pod starts is not counted. */
  readonly actual: FieldMap;
  /** Sizes that the spec asks for, likewise. */
  readonly asked: FieldMap;
  readonly resize: ResizeState;
  /** Since when it is not ready; undefined while it is. */
  readonly unreadySinceMs: number | undefined;
}

export function readPod(pod: Pod): PodFacts {
  const { metadata = {}, spec, status = {} } = pod;
  const health = readHealth(pod);
  const boost = boostOf(pod);
  const readySince = time(condition(pod, 'Ready')?.lastTransitionTime);
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    nodeName: spec?.nodeName,
    terminating: metadata.deletionTimestamp !== undefined,
    running: status.phase === 'Running',
    ended: status.phase === 'Failed' || status.phase === 'Succeeded',
    actual: beneathBoost(readActualPodFields(pod), boost),
    asked: beneathBoost(readDesiredPodFields(pod), boost),
    resize: readResize(pod),
    unreadySinceMs: health.ready ? undefined : (readySince ?? health.createdAtMs),
    health,
  };
}

function readHealth(pod: Pod): PodHealth {
  return {
    pod: pod.metadata?.name ?? '',
    ready: condition(pod, 'Ready')?.status === 'True',
    createdAtMs: time(pod.metadata?.creationTimestamp) ?? 0,
    unschedulableSinceMs: unschedulableSince(pod),
    containers: statusesOf(pod).map(readContainer),
  };
}

function statusesOf(pod: Pod): ContainerStatus[] {
  return [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
}

function readContainer(status: ContainerStatus): ContainerHealth {
  const ended = [status.state?.terminated, status.lastState?.terminated];
  const killed = ended.find((state) => state?.reason === 'OOMKilled');
  return {
    container: status.name,
    restarts: status.restartCount,
    crashLooping: status.state?.waiting?.reason === 'CrashLoopBackOff',
    oomKilledAtMs: time(killed?.finishedAt),
  };
}

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

function condition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((found) => found.type === type);
}

function unschedulableSince(pod: Pod): number | undefined {
  const scheduled = condition(pod, 'PodScheduled');
  const stuck = scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return stuck ? time(scheduled.lastTransitionTime) : undefined;
}

function readResize(pod: Pod): ResizeState {
  const pending = condition(pod, 'PodResizePending');
  const progress = condition(pod, 'PodResizeInProgress');
  if (isTrue(pending)) {
    const problem = pending.reason === 'Infeasible' ? 'Infeasible' : 'Deferred';
    return { ...resizeNote(pending), problem, inProgress: false };
  }
  if (!isTrue(progress)) return { problem: undefined, message: '', sinceMs: undefined, inProgress: false };
  const problem = progress.reason === 'Error' ? 'Error' : undefined;
  return { ...resizeNote(progress), problem, inProgress: true };
}

function isTrue(found: PodCondition | undefined): found is PodCondition {
  return found?.status === 'True';
}

function resizeNote(found: PodCondition): { readonly message: string; readonly sinceMs: number | undefined } {
  return { message: found.message ?? '', sinceMs: time(found.lastTransitionTime) };
}

/** Epoch milliseconds of an RFC 3339 text; undefined where it is missing or not one. */
function time(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}

/** The status of a Deployment: counts, and the conditions Available, Progressing and ReplicaFailure. Pure. */
import type { Deployment, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';
import { nameOf } from '../../meta.ts';
import { observed, withoutZeros } from '../writing.ts';
import {
  type ReplicaSetsOfDeployment,
  rolloutBounds,
  totalAvailable,
  totalReplicas,
  wishedReplicas,
} from './replica-sets.ts';

/** With a field that is newer than the types (KEP-3973). */
export type DeploymentStatus = NonNullable<Deployment['status']> & { readonly terminatingReplicas?: number };
type Condition = NonNullable<DeploymentStatus['conditions']>[number];
export type ConditionWish = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const NO_DEADLINE = 2 ** 31 - 1;

/** The condition with its times: a status that stays keeps its transition time, equal reasons change nothing. */
export function setCondition(
  conditions: readonly Condition[],
  wish: ConditionWish,
  nowMs: number,
): readonly Condition[] {
  const before = conditions.find((condition) => condition.type === wish.type);
  if (before?.status === wish.status && before.reason === wish.reason) return conditions;
  const time = rfc3339(nowMs);
  const kept = before?.status === wish.status ? (before.lastTransitionTime ?? time) : time;
  const next = { ...wish, lastUpdateTime: time, lastTransitionTime: kept };
  return [...conditions.filter((condition) => condition.type !== wish.type), next];
}

export interface StatusMoment {
  readonly sets: ReplicaSetsOfDeployment;
  readonly nowMs: number;
}

/** Counts and availability, without judging progress. */
export function countedStatus(deployment: Deployment, { sets, nowMs }: StatusMoment): DeploymentStatus {
  const all = [...sets.old, sets.current];
  const sum = (field: 'replicas' | 'readyReplicas'): number =>
    all.reduce((total, set) => total + (set?.status?.[field] ?? 0), 0);
  const available = totalAvailable(all);
  const wished = wishedReplicas(deployment);
  const isAvailable = available >= wished - rolloutBounds(deployment).maxUnavailable;
  const conditions = setCondition(deployment.status?.conditions ?? [], availability(isAvailable), nowMs);
  const { collisionCount } = deployment.status ?? {};
  return {
    ...observed(deployment),
    ...withoutZeros({
      replicas: sum('replicas'),
      updatedReplicas: sets.current?.status?.replicas ?? 0,
      readyReplicas: sum('readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalReplicas(all) - available),
    }),
    terminatingReplicas: all.reduce((total, set) => total + terminatingOf(set), 0),
    conditions: [...conditions],
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function terminatingOf(set: ReplicaSet | undefined): number {
  const status: (ReplicaSet['status'] & { readonly terminatingReplicas?: number }) | undefined = set?.status;
  return status?.terminatingReplicas ?? 0;
}

function availability(isAvailable: boolean): ConditionWish {
  return isAvailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

/** Counts, availability and progress. */
export function rolloutStatus(deployment: Deployment, moment: StatusMoment): DeploymentStatus {
  const status = countedStatus(deployment, moment);
  const progress = progressOf(deployment, status, moment);
  const withProgress = applyProgress(status.conditions ?? [], progress, moment.nowMs);
  return { ...status, conditions: [...withFailure(withProgress, moment)] };
}

function applyProgress(
  conditions: readonly Condition[],
  progress: ConditionWish | undefined,
  nowMs: number,
): readonly Condition[] {
  if (progress === undefined) return conditions;
  const before = conditions.find((condition) => condition.type === 'Progressing');
  // Each step forward is noted, even where the condition says the same: the deadline counts from it.
  if (progress.reason === 'ReplicaSetUpdated' && before?.status === 'True') {
    const updated = { ...before, ...progress, lastUpdateTime: rfc3339(nowMs) };
    return [...conditions.filter((condition) => condition !== before), updated];
  }
  return setCondition(conditions, progress, nowMs);
}

export function deadlineMs(deployment: Deployment): number | undefined {
  const seconds = deployment.spec?.progressDeadlineSeconds ?? 600;
  return seconds === NO_DEADLINE ? undefined : seconds * 1000;
}

function progressOf(
  deployment: Deployment,
  status: DeploymentStatus,
  { sets, nowMs }: StatusMoment,
): ConditionWish | undefined {
  const before = progressing(deployment.status);
  const isDone = status.replicas === status.updatedReplicas && before?.reason === 'NewReplicaSetAvailable';
  if (deadlineMs(deployment) === undefined || isDone) return undefined;
  const subject =
    sets.current === undefined
      ? `Deployment "${nameOf(deployment)}"`
      : `ReplicaSet "${nameOf(sets.current)}"`;
  if (isComplete(deployment, status)) {
    return progressWish('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    return progressWish('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
  }
  return isTimedOut(deployment, nowMs)
    ? progressWish('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`)
    : undefined;
}

function progressWish(status: 'True' | 'False', reason: string, message: string): ConditionWish {
  return { type: 'Progressing', status, reason, message };
}

export function progressing(status: DeploymentStatus | undefined): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === 'Progressing');
}

/** Everything is new, wanted and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wished = wishedReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === wished &&
    (status.replicas ?? 0) === wished &&
    (status.availableReplicas ?? 0) === wished &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(deployment: Deployment, nowMs: number): boolean {
  const before = progressing(deployment.status);
  const limitMs = deadlineMs(deployment);
  if (before === undefined || limitMs === undefined || before.reason === 'NewReplicaSetAvailable')
    return false;
  if (before.reason === 'ProgressDeadlineExceeded') return true;
  return Date.parse(before.lastUpdateTime ?? '') + limitMs < nowMs;
}

/** What stops a ReplicaSet from creating pods shows on its Deployment. */
function withFailure(conditions: readonly Condition[], { sets, nowMs }: StatusMoment): readonly Condition[] {
  const failure = [sets.current, ...sets.old].map(failureOf).find((condition) => condition !== undefined);
  if (failure === undefined) return conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  return setCondition(conditions, failure, nowMs);
}

function failureOf(set: ReplicaSet | undefined): ConditionWish | undefined {
  const condition = set?.status?.conditions?.find((candidate) => candidate.type === 'ReplicaFailure');
  if (condition === undefined) return undefined;
  const { type, status, reason, message } = condition;
  return {
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

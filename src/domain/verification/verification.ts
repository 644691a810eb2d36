/**
 * Watches a workload after a change and judges: still watching, passed, regressed, or unknown. Evidence that the
 * API server gives (OOM kills, restarts, readiness, rollout) always counts; metrics count where they are known.
 * A missing metric is never a pass.
 */
import type { FieldMap } from '../change/field.ts';
import { approximateDuration, MINUTE_MS } from '../units/duration.ts';

export type RegressionReason =
  | 'OOMKilled'
  | 'CrashLoop'
  | 'Throttled'
  | 'RolloutFailed'
  | 'Unschedulable'
  | 'SLOBreached'
  | 'Unready'
  /** Nodes under the pods were taken away more often than allowed. */
  | 'Interrupted';

/** One container of one pod, as its status tells. */
export interface ContainerHealth {
  readonly container: string;
  readonly restarts: number;
  readonly crashLooping: boolean;
  /** When it was last killed for memory; undefined where it never was. */
  readonly oomKilledAtMs: number | undefined;
}

export interface PodHealth {
  readonly pod: string;
  readonly ready: boolean;
  readonly createdAtMs: number;
  /** Since when the scheduler has found no place for it. */
  readonly unschedulableSinceMs: number | undefined;
  readonly containers: readonly ContainerHealth[];
}

export interface ServiceLevelReading {
  readonly name: string;
  readonly max: number;
  /** Undefined where the source gave no finite value. */
  readonly value: number | undefined;
}

/** What the watch sees now. */
export interface HealthFacts {
  readonly nowMs: number;
  readonly pods: readonly PodHealth[];
  readonly desiredReplicas: number;
  /** The workload's own report that a rollout failed, in its words. */
  readonly rolloutFailure: string | undefined;
  /** Highest share of throttled CPU periods since the change, 0–1; undefined where not known. */
  readonly throttledRatio: number | undefined;
  /** Since when fewer pods are ready than wanted; undefined while all are. */
  readonly unreadySinceMs: number | undefined;
  readonly serviceLevels: readonly ServiceLevelReading[];
  /** Age of the newest usage sample; undefined where there is none. */
  readonly metricsAgeMs: number | undefined;
}

/** What is watched: the change and how the workload stood before it. */
export interface WatchedChange {
  /** When the apply began: kills after this count. */
  readonly beganAtMs: number;
  /** When every pod had its new size; the window runs from here. Undefined while the change is under way. */
  readonly completeAtMs: number | undefined;
  readonly windowMs: number;
  /** The fields changed, with their new values: what a floor is learned from. */
  readonly changes: FieldMap;
  readonly restartsBefore: number;
  readonly throttledBefore: number | undefined;
}

export type Verdict =
  | { readonly result: 'Watching'; readonly message: string }
  | { readonly result: 'Passed'; readonly message: string }
  | { readonly result: 'Unknown'; readonly message: string }
  | { readonly result: 'Regressed'; readonly reason: RegressionReason; readonly message: string };

/** Prometheus' own CPUThrottlingHigh alert (kubernetes-mixin) fires at a quarter of the periods. */
const THROTTLED_HARMFUL = 0.25;
/** … and ours must be the cause: clearly more than before. */
const THROTTLED_RISE = 0.1;
/** One restart happens; two are a pattern. */
const RESTARTS_HARMFUL = 2;
const UNSCHEDULABLE_GRACE_MS = 5 * MINUTE_MS;
const UNREADY_GRACE_MS = 3 * MINUTE_MS;
/** A sample older than this says nothing about a change made since. */
const METRICS_MAX_AGE_MS = 5 * MINUTE_MS;

/** The first harm found, or undefined. */
type Check = (facts: HealthFacts, change: WatchedChange) => Verdict | undefined;

function regressed(reason: RegressionReason, message: string): Verdict {
  return { result: 'Regressed', reason, message };
}

function oomKill(facts: HealthFacts, change: WatchedChange): Verdict | undefined {
  for (const pod of facts.pods) {
    const killed = pod.containers.find((container) => (container.oomKilledAtMs ?? 0) > change.beganAtMs);
    if (killed !== undefined) {
      return regressed('OOMKilled', `container ${killed.container} of pod ${pod.pod} was killed for memory`);
    }
  }
  return undefined;
}

function crashLoop(facts: HealthFacts, change: WatchedChange): Verdict | undefined {
  const looping = facts.pods.find((pod) => pod.containers.some((container) => container.crashLooping));
  if (looping !== undefined) return regressed('CrashLoop', `pod ${looping.pod} is in CrashLoopBackOff`);
  const added = totalRestarts(facts.pods) - change.restartsBefore;
  if (change.completeAtMs === undefined || added < RESTARTS_HARMFUL) return undefined;
  return regressed('CrashLoop', `containers restarted ${added} times since the change`);
}

function rolloutFailed(facts: HealthFacts): Verdict | undefined {
  return facts.rolloutFailure === undefined ? undefined : regressed('RolloutFailed', facts.rolloutFailure);
}

function unschedulable(facts: HealthFacts): Verdict | undefined {
  const stuck = facts.pods.find(
    (pod) => facts.nowMs - (pod.unschedulableSinceMs ?? facts.nowMs) > UNSCHEDULABLE_GRACE_MS,
  );
  return stuck === undefined
    ? undefined
    : regressed('Unschedulable', `pod ${stuck.pod} finds no node with its new size`);
}

function unready(facts: HealthFacts, change: WatchedChange): Verdict | undefined {
  if (change.completeAtMs === undefined || facts.unreadySinceMs === undefined) return undefined;
  const since = Math.max(facts.unreadySinceMs, change.completeAtMs);
  if (facts.nowMs - since <= UNREADY_GRACE_MS) return undefined;
  const ready = facts.pods.filter((pod) => pod.ready).length;
  const wanted = facts.desiredReplicas;
  return regressed(
    'Unready',
    `${ready} of ${wanted} pods are ready for ${approximateDuration(facts.nowMs - since)}`,
  );
}

function throttled(facts: HealthFacts, change: WatchedChange): Verdict | undefined {
  const after = facts.throttledRatio;
  if (after === undefined || after <= THROTTLED_HARMFUL) return undefined;
  if (after <= (change.throttledBefore ?? 0) + THROTTLED_RISE) return undefined;
  const before = change.throttledBefore === undefined ? 'unknown' : percent(change.throttledBefore);
  return regressed('Throttled', `CPU is throttled in ${percent(after)} of periods (before: ${before})`);
}

function sloBreached(facts: HealthFacts): Verdict | undefined {
  const breached = facts.serviceLevels.find((level) => level.value !== undefined && level.value > level.max);
  return breached === undefined
    ? undefined
    : regressed('SLOBreached', `${breached.name} is ${String(breached.value)}, above ${breached.max}`);
}

/** In order of weight: the first that finds harm decides. */
const CHECKS: readonly Check[] = [
  oomKill,
  crashLoop,
  rolloutFailed,
  sloBreached,
  unschedulable,
  unready,
  throttled,
];

/** Judges a change by what is seen now. */
export function verify(facts: HealthFacts, change: WatchedChange): Verdict {
  for (const check of CHECKS) {
    const harm = check(facts, change);
    if (harm !== undefined) return harm;
  }
  if (change.completeAtMs === undefined) return { result: 'Watching', message: 'the change is under way' };
  const leftMs = change.completeAtMs + change.windowMs - facts.nowMs;
  if (leftMs > 0) return { result: 'Watching', message: `${approximateDuration(leftMs)} left of the window` };
  const missing = missingEvidence(facts);
  return missing === undefined
    ? { result: 'Passed', message: `no harm seen for ${approximateDuration(change.windowMs)}` }
    : { result: 'Unknown', message: missing };
}

/** What must be known before a change may pass. */
function missingEvidence(facts: HealthFacts): string | undefined {
  const unread = facts.serviceLevels.find((level) => level.value === undefined);
  if (unread !== undefined) return `service level ${unread.name} cannot be read`;
  if (facts.metricsAgeMs === undefined) return 'there is no usage sample since the change';
  if (facts.metricsAgeMs > METRICS_MAX_AGE_MS) {
    return `the newest usage sample is ${approximateDuration(facts.metricsAgeMs)} old`;
  }
  const ready = facts.pods.filter((pod) => pod.ready).length;
  return ready < facts.desiredReplicas ? `${ready} of ${facts.desiredReplicas} pods are ready` : undefined;
}

export function totalRestarts(pods: readonly PodHealth[]): number {
  return pods.reduce(
    (sum, pod) => sum + pod.containers.reduce((restarts, container) => restarts + container.restarts, 0),
    0,
  );
}

function percent(ratio: number): string {
  return `${String(Math.round(ratio * 100))} %`;
}

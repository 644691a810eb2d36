/** Watches the latest change: strictly while its window is open, for clear harm as long as it is in force. */
import type { Verification } from '#apis/optimization.k8s.io/v1/status.ts';
import { changesPlacement, type FieldMap, parseResourcePath, REPLICAS } from '#domain/change/field.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { SPOT_HARM } from '#domain/spot/judge-spot.ts';
import { type Verdict, verify, type WatchedChange } from '#domain/verification/verification.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { InForce } from './in-force.ts';
import { harmFollows } from './decide-harm.ts';
import type { Draft } from './decision.ts';
import { isScheduled } from './follow-schedule.ts';
import { readHealth } from './health.ts';
import type { Observation } from './observation.ts';
import { changesInForce } from './regressions.ts';
import { judged } from './watch-spot.ts';

/** Looked at this often while a window is open, whatever else happens. */
const MAX_POLL_MS = 30_000;

/** Returns true where harm was found and dealt with. */
export function watchChange(o: Observation, draft: Draft, { target, entry }: InForce): boolean {
  const watch = draft.status.verification ?? reopened(o, draft);
  if (watch.result === 'Regressed') return true;
  const change = watchedChange(watch, entry);
  const health = readHealth(o, target);
  const verdict = judged(o, health, verify(health, change));
  if (watch.result === 'Passed') {
    if (!isLateHarm(verdict, entry)) return false;
    harmFollows(o, draft, verdict);
    return true;
  }
  if (verdict.result === 'Regressed') {
    harmFollows(o, draft, verdict);
    return true;
  }
  report(draft, watch, verdict);
  if (draft.status.verification?.result !== 'Passed') {
    draft.again(Math.min(MAX_POLL_MS, Math.max(1000, o.policy.verificationWindowMs / 10)));
  }
  return false;
}

/** After a lost status the window opens anew: a change is never taken for verified because nobody knows. */
function reopened(o: Observation, draft: Draft): Verification {
  const watch: Verification = {
    beganAt: rfc3339(o.nowMs),
    startedAt: rfc3339(o.nowMs),
    endsAt: rfc3339(o.nowMs + o.policy.verificationWindowMs),
    result: 'Watching',
  };
  draft.set({ phase: 'Applied', verification: watch });
  return watch;
}

function watchedChange(watch: Verification, entry: RollbackEntry): WatchedChange {
  return {
    beganAtMs: Date.parse(watch.beganAt),
    completeAtMs: Date.parse(watch.startedAt),
    windowMs: Date.parse(watch.endsAt) - Date.parse(watch.startedAt),
    changes: changesInForce(entry),
    restartsBefore: watch.restarts ?? Infinity,
    throttledBefore: watch.throttledRatio,
  };
}

/**
 * Long after, only a memory kill accuses the change, and only one that took memory or replicas away; and what acts
 * anew every day: the loss of spot nodes, and windows with fewer pods.
 */
function isLateHarm(
  verdict: Verdict,
  entry: RollbackEntry,
): verdict is Extract<Verdict, { result: 'Regressed' }> {
  if (verdict.result !== 'Regressed') return false;
  const changes = changesInForce(entry);
  if (changesPlacement(changes)) return SPOT_HARM.includes(verdict.reason);
  if (isScheduled(entry) && REPLICAS in changes && SCHEDULE_HARM.includes(verdict.reason)) return true;
  return verdict.reason === 'OOMKilled' && takesMemory(changes);
}

/** A window opens anew every day: too few pods in it are its fault however long ago the plan was made. */
const SCHEDULE_HARM: readonly string[] = ['Throttled', 'SLOBreached'];

function takesMemory(changes: FieldMap): boolean {
  return Object.keys(changes).some(
    (path) => path === REPLICAS || parseResourcePath(path)?.resource === 'memory',
  );
}

function report(draft: Draft, watch: Verification, verdict: Exclude<Verdict, { result: 'Regressed' }>): void {
  draft.set({ phase: 'Applied', verification: { ...watch, result: verdict.result } });
  if (verdict.result === 'Passed') {
    draft.note('Normal', 'OptimizationVerified', verdict.message);
    draft.set({ message: `applied and verified: ${verdict.message}` });
  } else {
    draft.set({ message: `applied, being watched: ${verdict.message}` });
  }
}

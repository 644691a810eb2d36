/** The watch of a move to spot nodes: too many interruptions end it, and savings are claimed only for pods that landed. */
import { MINUTE_MS } from '../units/duration.ts';
import type { HealthFacts, RegressionReason, Verdict } from '../verification/verification.ts';

export interface SpotHealth {
  readonly onSpot: number;
  /** Pods that should be on spot nodes, a tenth of slack taken off. */
  readonly expectedOnSpot: number;
  readonly interruptionsLastDay: number;
  readonly maxInterruptionsPerDay: number;
}

/** What an interruption does for a while, until its pods run elsewhere. */
const PASSING: readonly RegressionReason[] = ['Unready', 'Unschedulable'];
/** A Deployment itself may take a quarter of its pods away in a rollout (default maxUnavailable). */
const READY_SHARE = 0.75;
/** A new machine is there within minutes; after this long nobody brings one. */
const RECOVERY_MS = 15 * MINUTE_MS;

/** The verdict of the general watch, sharpened by what only a move to spot can do wrong. */
export function judgeSpot(verdict: Verdict, facts: HealthFacts, health: SpotHealth): Verdict {
  const { interruptionsLastDay, maxInterruptionsPerDay, onSpot, expectedOnSpot } = health;
  if (interruptionsLastDay > maxInterruptionsPerDay) {
    const message = `${String(interruptionsLastDay)} interruptions within a day, above ${String(maxInterruptionsPerDay)}`;
    return { result: 'Regressed', reason: 'Interrupted', message };
  }
  if (isPassing(verdict, facts, health)) {
    return { result: 'Watching', message: `${verdict.message}, after an interruption` };
  }
  if (verdict.result === 'Passed' && onSpot < expectedOnSpot) {
    const message = `${String(onSpot)} pods run on spot nodes where ${String(expectedOnSpot)} should: nothing is claimed for those that do not`;
    return { result: 'Unknown', message };
  }
  return verdict;
}

function isPassing(verdict: Verdict, facts: HealthFacts, health: SpotHealth): boolean {
  if (verdict.result !== 'Regressed' || !PASSING.includes(verdict.reason)) return false;
  const ready = facts.pods.filter((pod) => pod.ready).length;
  const missingMs = facts.nowMs - (facts.unreadySinceMs ?? facts.nowMs);
  const enough = ready >= facts.desiredReplicas * READY_SHARE;
  return health.interruptionsLastDay > 0 && enough && missingMs <= RECOVERY_MS;
}

/** Reasons that accuse a move to spot however long ago it was made. */
export const SPOT_HARM: readonly string[] = ['Interrupted', 'Unready', 'Unschedulable'];

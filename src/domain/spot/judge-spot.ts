/** The watch of a move to spot nodes: too many interruptions end it, and savings are claimed only for pods that landed. */
import type { Verdict } from '../verification/verification.ts';

export interface SpotHealth {
  readonly onSpot: number;
  /** Pods that should be on spot nodes, a tenth of slack taken off. */
  readonly expectedOnSpot: number;
  readonly interruptionsLastDay: number;
  readonly maxInterruptionsPerDay: number;
}

/** The verdict of the general watch, sharpened by what only a move to spot can do wrong. */
export function judgeSpot(verdict: Verdict, health: SpotHealth): Verdict {
  const { interruptionsLastDay, maxInterruptionsPerDay, onSpot, expectedOnSpot } = health;
  if (verdict.result === 'Regressed') return verdict;
  if (interruptionsLastDay > maxInterruptionsPerDay) {
    const message = `${String(interruptionsLastDay)} interruptions within a day, above ${String(maxInterruptionsPerDay)}`;
    return { result: 'Regressed', reason: 'Interrupted', message };
  }
  if (verdict.result === 'Passed' && onSpot < expectedOnSpot) {
    const message = `${String(onSpot)} pods run on spot nodes where ${String(expectedOnSpot)} should: nothing is claimed for those that do not`;
    return { result: 'Unknown', message };
  }
  return verdict;
}

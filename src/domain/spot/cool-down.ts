/** How long a workload stays on-demand after moves to spot were rolled back: twice as long each time. */
import { DAY_MS } from '../units/duration.ts';

const FIRST_REST_MS = DAY_MS;
const LONGEST_REST_MS = 32 * DAY_MS;

/** When the next try may be made; `harmedAtMs` are the moments of those rollbacks, in any order. */
export function restUntilMs(harmedAtMs: readonly number[]): number {
  if (harmedAtMs.length === 0) return -Infinity;
  const restMs = Math.min(FIRST_REST_MS * 2 ** (harmedAtMs.length - 1), LONGEST_REST_MS);
  return Math.max(...harmedAtMs) + restMs;
}

/** The time that an analysis looks at. */
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { UsageQuery } from '#domain/usage/usage.ts';

/** The step of the recorded traces that right-sizing is tuned on. */
const STEP_MS = 5 * MINUTE_MS;

/** Whole steps up to the last that is over: a window of a week then has a week of them, which some rules ask for. */
export function wholeSteps(nowMs: number, windowMs: number): Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'> {
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  return { fromMs: toMs - windowMs, toMs, stepMs: STEP_MS };
}

/**
 * A usage series cut into days that end now: day 0 is the last 24 hours, day 1 the 24 hours before them, and so on.
 * A day is compared with the same hours of other days, whatever the time of the analysis.
 */
import type { UsageSeries } from '../usage/usage.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The steps [from, to) of one day; both within the arrays of the series. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

export interface DayCut {
  readonly stepsPerDay: number;
  readonly stepsPerHour: number;
  /** The days that have at least one step, newest first; the oldest may be a part of a day. */
  readonly days: readonly DaySpan[];
}

/** Cuts the steps of `series` that end at or before `nowMs`. */
export function cutDays(series: UsageSeries, nowMs: number): DayCut {
  const stepsPerDay = Math.max(1, Math.round(DAY_MS / series.stepMs));
  const end = Math.floor((nowMs - series.startMs) / series.stepMs + 1e-9);
  const days: DaySpan[] = [];
  for (let to = end; to > 0; to -= stepsPerDay) {
    const from = Math.max(0, to - stepsPerDay);
    days.push({ from, to: Math.min(to, series.max.length) });
  }
  const known = days.findLastIndex(({ from, to }) => hasSample(series.max, from, to));
  return { stepsPerDay, stepsPerHour: stepsPerDay / 24, days: days.slice(0, known + 1) };
}

function hasSample(values: Float64Array, from: number, to: number): boolean {
  for (let step = from; step < to; step++) if (Number.isFinite(values[step])) return true;
  return false;
}

/** The mean of the finite values of [from, to); NaN where fewer than half of the steps have one. */
export function meanOfKnown(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  let known = 0;
  for (let step = Math.max(0, from); step < to; step++) {
    const value = values[step] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    sum += value;
    known++;
  }
  return known > 0 && known * 2 >= to - from ? sum / known : Number.NaN;
}

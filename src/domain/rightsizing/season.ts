/** How much of the usage repeats by the hour and by the weekday: for explanations; forecasts compare days as they are. */
import type { UsageSeries } from '../usage/usage.ts';
import { DAY_MS, HOUR_MS } from './days.ts';
import type { Measure } from './outcome.ts';

/**
 * The share of the variance that a repeating pattern of `slots` per `periodMs` explains, 0–1, corrected for the number
 * of slots (adjusted R²); undefined with less than two periods.
 */
export function seasonalShare(series: UsageSeries, periodMs: number, slots: number): number | undefined {
  const sums = new Float64Array(slots);
  const counts = new Float64Array(slots);
  let [count, total, squares, first, last] = [0, 0, 0, -1, -1];
  for (let step = 0; step < series.max.length; step++) {
    const value = series.max[step] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const slot = slotOf(series.startMs + step * series.stepMs, periodMs, slots);
    sums[slot] = (sums[slot] ?? 0) + value;
    counts[slot] = (counts[slot] ?? 0) + 1;
    count++;
    total += value;
    squares += value * value;
    if (first < 0) first = step;
    last = step;
  }
  if ((last - first + 1) * series.stepMs < 2 * periodMs || count <= slots) return undefined;
  const all = squares - (total * total) / count;
  if (!(all > 0)) return 0;
  const between =
    sums.reduce((sum, each, slot) => sum + (counts[slot] ? (each * each) / (counts[slot] ?? 1) : 0), 0) -
    (total * total) / count;
  const adjusted = 1 - ((1 - between / all) * (count - 1)) / (count - slots);
  return Math.min(Math.max(adjusted, 0), 1);
}

function slotOf(atMs: number, periodMs: number, slots: number): number {
  return Math.min(slots - 1, Math.floor(((((atMs % periodMs) + periodMs) % periodMs) / periodMs) * slots));
}

/** The daily pattern in hours, and the weekly one in days where two weeks are known. */
export function seasonMeasures(series: UsageSeries): Measure[] {
  const daily = seasonalShare(series, DAY_MS, DAY_MS / HOUR_MS);
  const weekly = seasonalShare(series, 7 * DAY_MS, 7);
  const measure = (name: string, value: number | undefined, why: string): Measure[] =>
    value === undefined ? [] : [{ name, value, unit: 'ratio', why }];
  return [
    ...measure('daily season', daily, 'share of the variance that the hour of the day explains'),
    ...measure('weekly season', weekly, 'share of the variance that the day of the week explains'),
  ];
}

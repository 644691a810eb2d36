/**
 * A window of days is not read sample by sample: it is a grid of steps, and the mean over those in which anything of the
 * node was seen. What ran for an hour of a day counts for that hour.
 */
import type { PowerQuery } from '#domain/power/power.ts';
import type { Grid } from '#domain/usage/series.ts';
import type { RangeSeries } from '../../metrics/prometheus/client/range-series.ts';

/** Windows up to this are read as samples. */
export const LONGEST_RAW_MS = 3_600_000;
const MOST_STEPS = 200;

/** The steps of a long window, which ends with the last of them. */
export function gridOfWindow({ atMs, windowMs }: PowerQuery): Grid {
  const steps = Math.min(MOST_STEPS, Math.ceil(windowMs / LONGEST_RAW_MS));
  const stepMs = Math.ceil(windowMs / steps);
  return { startMs: atMs - steps * stepMs, stepMs, steps };
}

export interface LongMean {
  readonly series: RangeSeries;
  /** Over the steps in which its group was seen. */
  readonly mean: number;
  readonly lastMs: number;
}

/** `groupOf` tells what belongs together, such as a node: the series that is there longest tells for how long it was. */
export function longMeans(
  pieces: readonly RangeSeries[],
  groupOf: (series: RangeSeries) => string,
): readonly LongMean[] {
  const steps = new Map<string, number>();
  const sums = new Map<string, { series: RangeSeries; sum: number; count: number; lastMs: number }>();
  for (const series of pieces) {
    const key = JSON.stringify(series.labels);
    const found = sums.get(key) ?? { series, sum: 0, count: 0, lastMs: 0 };
    for (const value of series.values) found.sum += value;
    found.count += series.values.length;
    found.lastMs = Math.max(found.lastMs, series.times.at(-1) ?? 0);
    sums.set(key, found);
    const group = groupOf(series);
    steps.set(group, Math.max(steps.get(group) ?? 0, found.count));
  }
  return [...sums.values()].map(({ series, sum, lastMs }) => ({
    series,
    mean: sum / (steps.get(groupOf(series)) ?? 1),
    lastMs,
  }));
}

/** The usage of a pod from the usage of its containers. */
import type { UsageSeries } from './usage.ts';

/**
 * The sum of series on one grid, step by step: unknown where any of them is unknown. `max` sums the maxima, an upper
 * bound, since containers of one pod need not peak together. Undefined where a series is missing or none is given.
 */
export function sumSeries(series: readonly (UsageSeries | undefined)[]): UsageSeries | undefined {
  const [first, ...rest] = series;
  if (first === undefined) return undefined;
  let sum = first;
  for (const next of rest) {
    if (next?.startMs !== first.startMs || next.stepMs !== first.stepMs) return undefined;
    sum = {
      ...sum,
      max: sum.max.map((value, step) => value + (next.max[step] ?? Number.NaN)),
      mean: sum.mean.map((value, step) => value + (next.mean[step] ?? Number.NaN)),
      pods: sum.pods.map((value, step) => Math.min(value, next.pods[step] ?? Number.NaN)),
    };
  }
  return sum;
}

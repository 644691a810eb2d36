/**
 * Prediction intervals as wide as backtests were wrong: the shape over the horizon is the model's own standard deviation,
 * the width is scaled so that the stated share of past errors lies inside (split conformal prediction, Lei et al. 2018,
 * with the normalised score of its §5.2).
 */
import { normalQuantile } from '#domain/statistics/normal.ts';
import { quantileOfSorted } from '#domain/statistics/order.ts';

export interface Interval {
  /** The share of outcomes that it should hold, such as 0.95. */
  readonly level: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** How far an interval reaches on either side, in deviations. */
export type Reach = (level: number) => number;

/** Before errors are seen, as the normal distribution has it, widened for deviations estimated from few values. */
export function normalReach(known: number): Reach {
  const widened = Math.sqrt((known + 1) / Math.max(known - 2, 0.5));
  return (level) => normalQuantile((1 + level) / 2) * widened;
}

/** From backtest errors over the deviations that were expected; `errors` has one row per origin. Errors of one path hang together:
 * only `independent` paths count, so the share that may lie outside shrinks by n/(n + 3): one for the next path, two for models and weights
 * chosen on the same errors. */
export function conformalReach(
  errors: readonly Float64Array[],
  sd: Float64Array,
  independent: number,
): Reach {
  const ratios = Float64Array.from(
    errors.flatMap((row) => [
      ...row.map((error, h) => Math.abs(error) / Math.max(sd[h] ?? 0, Number.MIN_VALUE)),
    ]),
  ).sort();
  return (level) => {
    const raised = 1 - ((1 - level) * independent) / (independent + 3);
    const found = quantileOfSorted(ratios, raised);
    return Number.isFinite(found) ? found : normalQuantile((1 + level) / 2);
  };
}

export interface Limits {
  readonly least: number;
  readonly most: number;
}

export function intervals(
  path: { readonly mean: Float64Array; readonly sd: Float64Array },
  levels: readonly number[],
  { reach, limits }: { reach: Reach; limits: Limits },
): Interval[] {
  return levels.map((level) => {
    const factor = reach(level);
    const bound = (side: 1 | -1): Float64Array =>
      path.mean.map((mean, h) =>
        Math.min(Math.max(mean + side * factor * (path.sd[h] ?? 0), limits.least), limits.most),
      );
    return { level, lower: bound(-1), upper: bound(1) };
  });
}

/** Single values that nothing around them explains. */
import { median, quantile } from '#domain/statistics/order.ts';

export interface Cleaned {
  readonly values: Float64Array;
  /** Places of the values that were replaced. */
  readonly replaced: readonly number[];
}

/** Neighbours on either side whose median a value is held against. */
const REACH = 3;
/** How many robust deviations from the neighbours are too many, … */
const LIMIT = 15;
/** … if they are as many times the range between the quartiles of the whole series too: bursts of real load lie below. */
const RANGES = 10;

/**
 * Replaces isolated spikes by the median of their neighbours. A spike is more than 15 robust standard deviations (Hampel's
 * identifier on a moving median) and 10 interquartile ranges off, is not repeated a season earlier or later, and is not the last value: that one may
 * be a new level.
 */
export function replaceOutliers(values: Float64Array, season: number): Cleaned {
  const centre = values.map((_, t) => localMedian(values, t));
  const off = values.map((value, t) => Math.abs(value - (centre[t] ?? value)));
  const limit = Math.max(LIMIT * 1.4826 * median(off), RANGES * interquartile(values));
  if (!(limit > 0)) return { values, replaced: [] };
  const far = (t: number): boolean => (off[t] ?? 0) > limit;
  const replaced = [...off.keys()].filter((t) => far(t) && alone(t, { length: values.length, season, far }));
  const cleaned = values.slice();
  for (const t of replaced) cleaned[t] = centre[t] ?? 0;
  return { values: cleaned, replaced };
}

function alone(
  t: number,
  { length, season, far }: { length: number; season: number; far: (t: number) => boolean },
): boolean {
  if (t >= length - 2) return false;
  const again = [t - season, t + season].flatMap((place) => [place - 1, place, place + 1]);
  return season < 2 || !again.some(far);
}

function localMedian(values: Float64Array, t: number): number {
  const from = Math.max(t - REACH, 0);
  return median(values.subarray(from, Math.min(t + REACH + 1, values.length)));
}

function interquartile(values: Float64Array): number {
  return quantile(values, 0.75) - quantile(values, 0.25);
}

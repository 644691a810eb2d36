/** Order statistics of samples in which NaN means unknown. */

/** The finite values, ascending. */
export function sortedFinite(values: Float64Array): Float64Array {
  const finite = values.filter(Number.isFinite);
  return finite.sort();
}

/**
 * The quantile `q` (0–1) of ascending values, linear between neighbours (Hyndman & Fan type 7, the default of numpy
 * and R); NaN for none.
 */
export function quantileOfSorted(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(Math.max(q, 0), 1) * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}

/** The quantile `q` (0–1) of the finite values; NaN for none. */
export function quantile(values: Float64Array, q: number): number {
  return quantileOfSorted(sortedFinite(values), q);
}

/** The median of the finite values; NaN for none. */
export function median(values: Float64Array): number {
  return quantile(values, 0.5);
}

/** The mean of the finite values; NaN for none. */
export function mean(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : Number.NaN;
}

/** The largest finite value; NaN for none. */
export function largest(values: Float64Array): number {
  let most = Number.NaN;
  for (const value of values) {
    if (Number.isFinite(value) && !(value <= most)) most = value;
  }
  return most;
}

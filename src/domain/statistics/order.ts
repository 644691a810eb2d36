/** Order statistics of samples in which NaN means unknown. */

/** The finite values, ascending. */
export function sortedFinite(values: Float64Array): Float64Array {
  return finiteOf(values).sort();
}

/** A copy without what is not finite. */
function finiteOf(values: Float64Array): Float64Array {
  const finite = new Float64Array(values.length);
  let count = 0;
  for (const value of values) if (Number.isFinite(value)) finite[count++] = value;
  return finite.subarray(0, count);
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

/** The same quantile of the finite values in any order, without sorting them all; NaN for none. */
export function quantile(values: Float64Array, q: number): number {
  const finite = finiteOf(values);
  if (finite.length === 0) return Number.NaN;
  const place = Math.min(Math.max(q, 0), 1) * (finite.length - 1);
  const below = Math.floor(place);
  const low = select(finite, below);
  if (below === place) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let i = below + 1; i < finite.length; i++) high = Math.min(high, finite[i] ?? high);
  return low + (high - low) * (place - below);
}

/** The value that would stand at `place` in ascending order; reorders so that none after `place` is smaller (Hoare 1961). */
function select(values: Float64Array, place: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const [i, j] = partition(values, values[place] ?? Number.NaN, [left, right]);
    if (j < place) left = i;
    if (place < i) right = j;
  }
  return values[place] ?? Number.NaN;
}

/** Parts the range into values of at most and at least `pivot`: [left, j] and [i, right]. */
function partition(
  values: Float64Array,
  pivot: number,
  [left, right]: readonly [number, number],
): [number, number] {
  let [i, j] = [left, right];
  while (i <= j) {
    while ((values[i] ?? pivot) < pivot) i++;
    while ((values[j] ?? pivot) > pivot) j--;
    if (i <= j) swap(values, i++, j--);
  }
  return [i, j];
}

function swap(values: Float64Array, a: number, b: number): void {
  const held = values[a] ?? Number.NaN;
  values[a] = values[b] ?? Number.NaN;
  values[b] = held;
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

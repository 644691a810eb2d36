/** A usage trace: what a workload demanded over time, as shapes that are scaled to any workload. */

/** Equidistant samples. Both series are scaled to a mean of 1. */
export interface Trace {
  readonly name: string;
  readonly stepMs: number;
  readonly cpu: Float64Array;
  /** Undefined where it was not recorded. */
  readonly memory: Float64Array | undefined;
}

/** Monday, 5 January 1970: traces begin on a Monday, so that their weekends fall on weekends. */
const ANCHOR_MS = 4 * 86_400_000;

/**
 * The value of a series at a time, linear between samples. The series repeats for ever in both directions and
 * is anchored to the calendar, so that any past or future time has a value.
 */
export function sampleSeries(series: Float64Array, stepMs: number, atMs: number): number {
  const count = series.length;
  if (count === 0) return NaN;
  const position = (((atMs - ANCHOR_MS) / stepMs) % count + count) % count; // prettier-ignore
  const index = Math.floor(position);
  const here = series[index % count] ?? NaN;
  const next = series[(index + 1) % count] ?? NaN;
  return here + (next - here) * (position - index);
}

/** Divides by the mean. A series that is all zero stays so. */
export function normalised(series: Float64Array): Float64Array {
  let sum = 0;
  for (const value of series) sum += value;
  const mean = sum / series.length;
  return mean > 0 ? series.map((value) => value / mean) : series;
}

/** Replaces NaN by the last value before it, and at the beginning by the first value there is. */
export function withoutGaps(series: Float64Array): Float64Array {
  const filled = Float64Array.from(series);
  let last = filled.find((value) => !Number.isNaN(value)) ?? 0;
  for (let index = 0; index < filled.length; index += 1) {
    const value = filled[index] ?? NaN;
    if (Number.isNaN(value)) filled[index] = last;
    else last = value;
  }
  return filled;
}

/**
 * The memory size of least expected cost: every percent costs as much as it reserves, an OOM kill costs `oomPrice`
 * days of the memory. The probability of a peak above the size falls off exponentially beyond each past peak (records
 * over a high threshold do, Pickands 1975): at the container's own scale and, for a small share of jumps, at a common one.
 */
import type { MemoryMethod } from './method.ts';
import type { PeakForecast } from './memory-history.ts';

/** The search ends at this precision, in ln; and this far above the peaks nothing is worth covering. */
const PRECISION = 1e-4;
const REACH = 1;

/** ln of the size that costs least, never below a peak that was seen. */
export function cheapestSize({ scenarios, scale }: PeakForecast, method: MemoryMethod): number {
  const highest = scenarios.at(-1)?.peak ?? Number.NaN;
  const { jumpScale, jumpShare, oomPrice } = method;
  // The expected number of past peaks that come back about as high as the highest: a probability, so 1 at most.
  const near = (within: number) =>
    Math.min(
      1,
      scenarios.reduce((sum, { peak, weight }) => sum + weight * Math.exp((peak - highest) / within), 0),
    );
  const own = (oomPrice * (1 - jumpShare) * near(scale)) / scale;
  const jumps = (oomPrice * jumpShare * near(jumpScale)) / jumpScale;
  // What another step of ln costs is 1; what it saves falls with the margin. The best margin is where both are equal.
  const saves = (margin: number) => own * Math.exp(-margin / scale) + jumps * Math.exp(-margin / jumpScale);
  let [low, high] = [0, REACH];
  while (high - low > PRECISION) {
    const middle = (low + high) / 2;
    if (saves(middle) > 1) low = middle;
    else high = middle;
  }
  return highest + low;
}

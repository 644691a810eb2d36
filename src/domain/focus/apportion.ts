/** Rounds shares so that they still sum to the whole: the method of the largest remainder (Hamilton's). */
import type { Billionths } from './decimal.ts';

/** Weights as integers of this many bits: finer than a float knows them. */
const WEIGHT_BITS = 60;

/**
 * Parts of `total` in proportion to the weights, in whole billionths, that sum to it exactly. Each is its exact share
 * rounded down, or one more for those with the largest remainders; among equals the first. Weights that are not
 * positive get nothing; where none is, the last part has it all.
 */
export function apportion(total: Billionths, weights: readonly number[]): Billionths[] {
  const scaled = scaleWeights(weights);
  const sum = scaled.reduce((a, b) => a + b, 0n);
  if (sum === 0n) return weights.map((_, index) => (index === weights.length - 1 ? total : 0n));
  const sign = total < 0n ? -1n : 1n;
  const size = total * sign;
  const parts = scaled.map((weight, index) => {
    const share = size * weight;
    return { index, floor: share / sum, remainder: share % sum };
  });
  const missing = size - parts.reduce((a, { floor }) => a + floor, 0n);
  const lucky = [...parts].sort(byRemainder).slice(0, Number(missing));
  const rounded = parts.map(({ floor }) => floor);
  for (const { index, floor } of lucky) rounded[index] = floor + 1n;
  return rounded.map((part) => part * sign);
}

interface Part {
  readonly index: number;
  readonly remainder: bigint;
}

function byRemainder(a: Part, b: Part): number {
  if (a.remainder === b.remainder) return a.index - b.index;
  return a.remainder > b.remainder ? -1 : 1;
}

function scaleWeights(weights: readonly number[]): bigint[] {
  const largest = Math.max(0, ...weights.filter(Number.isFinite));
  return weights.map((weight) =>
    Number.isFinite(weight) && weight > 0 && largest > 0
      ? BigInt(Math.round((weight / largest) * 2 ** WEIGHT_BITS))
      : 0n,
  );
}

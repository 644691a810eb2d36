/** Noise as a pure function of a seed and a place: the same question always has the same answer. */

/** A number in [0, 1) for each (seed, index). */
export function unitHash(seed: number, index: number): number {
  let mixed = (seed ^ Math.imul(index | 0, 0x9e3779b9)) | 0;
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  mixed ^= mixed >>> 15;
  return (mixed >>> 0) / 2 ** 32;
}

/** No noise value is larger than this, in standard deviations, so that peaks have a bound. */
export const MAX_NOISE = 3;

/**
 * About standard normal, in [−MAX_NOISE, MAX_NOISE]: the sum of three uniform draws has mean 1.5 and standard
 * deviation 0.5 (Irwin–Hall), so that twice the sum less 3 has mean 0, deviation 1 and reaches exactly ±3.
 */
export function normalHash(seed: number, index: number): number {
  const base = Math.imul(index, 3);
  return 2 * (unitHash(seed, base) + unitHash(seed, base + 1) + unitHash(seed, base + 2)) - MAX_NOISE;
}

/** How many cells a slow fluctuation takes to become another one. */
const SLOW_CELLS = 20;

/** Noise of deviation about 1 that is half fresh in every cell and half a slow drift. */
export function driftingNoise(seed: number, cell: number): number {
  const slow = Math.floor(cell / SLOW_CELLS);
  const part = cell / SLOW_CELLS - slow;
  const from = normalHash(seed ^ 0x51ed270b, slow);
  const drift = from + (normalHash(seed ^ 0x51ed270b, slow + 1) - from) * part;
  return 0.5 * normalHash(seed, cell) + 0.5 * drift;
}

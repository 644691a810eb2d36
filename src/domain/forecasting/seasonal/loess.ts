/** Local regression on evenly spaced points (Cleveland 1979), as STL uses it. */

import { at } from '../algebra/elements.ts';

export interface LoessOptions {
  /** How many neighbours count; beyond the number of points the bandwidth grows in proportion. */
  readonly window: number;
  /** 0 fits local constants, 1 local lines. */
  readonly degree: 0 | 1;
  /** Fits every `jump`th point only and joins the fits by lines. */
  readonly jump?: number;
  /** Weight of each point, for robustness. */
  readonly weights?: Float64Array | undefined;
}

/** The smooth of `values` at the places −`beyond`…n−1+`beyond`. */
export function loess(values: Float64Array, options: LoessOptions, beyond = 0): Float64Array {
  const jump = Math.max(1, Math.floor(options.jump ?? 1));
  const last = values.length - 1 + beyond;
  const smooth = new Float64Array(values.length + 2 * beyond);
  let before = -beyond;
  smooth[0] = fitAt(values, before, options);
  while (before < last) {
    const next = Math.min(before + jump, last);
    const [from, to] = [smooth[before + beyond] ?? 0, fitAt(values, next, options)];
    for (let x = before + 1; x <= next; x++)
      smooth[x + beyond] = from + ((to - from) * (x - before)) / (next - before);
    before = next;
  }
  return smooth;
}

function fitAt(values: Float64Array, x: number, { window, degree, weights }: LoessOptions): number {
  const n = values.length;
  const span = Math.min(Math.floor(window), n);
  const start = Math.min(Math.max(Math.round(x - (span - 1) / 2), 0), n - span);
  const end = start + span - 1;
  const reach = Math.max(x - start, end - x) + (window > n ? Math.floor((window - n) / 2) : 0);
  const near = new Sums();
  for (let j = start; j <= end; j++) {
    const distance = Math.abs(j - x) / Math.max(reach, 1);
    if (distance > 0.999) continue;
    const tricube = distance <= 0.001 ? 1 : (1 - distance ** 3) ** 3;
    near.add(j - x, at(values, j), weights === undefined ? tricube : tricube * at(weights, j));
  }
  return near.atZero(degree, n) ?? at(values, Math.min(Math.max(x, 0), n - 1));
}

/** Weighted sums for a local line through points given by their distance from the place of interest. */
class Sums {
  #weight = 0;
  #x = 0;
  #xx = 0;
  #y = 0;
  #xy = 0;

  add(x: number, y: number, weight: number): void {
    this.#weight += weight;
    this.#x += weight * x;
    this.#xx += weight * x * x;
    this.#y += weight * y;
    this.#xy += weight * x * y;
  }

  /** The fitted value at distance zero; undefined where no point has weight. */
  atZero(degree: 0 | 1, points: number): number | undefined {
    if (!(this.#weight > 0)) return undefined;
    const level = this.#y / this.#weight;
    const centre = this.#x / this.#weight;
    const spread = this.#xx / this.#weight - centre * centre;
    if (degree === 0 || Math.sqrt(Math.max(spread, 0)) <= 0.001 * (points - 1)) return level;
    return level - (centre * (this.#xy / this.#weight - centre * level)) / spread;
  }
}

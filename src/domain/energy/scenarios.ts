/**
 * A fixed set of futures of a container's CPU: deterministic, so equal requests get equal answers and a little more
 * request changes the answer a little. Single numbers per future (how large errors are, which way all steps lean, the
 * residuals of the lines) are stratified, one from each quantile (McKay, Beckman & Conover, Technometrics 1979); the
 * shocks within a horizon are pseudo-random.
 */
import { normalQuantile, normalShareBelow } from '#domain/statistics/normal.ts';
import { type CpuForecast } from './cpu-forecast.ts';
import { runningNorms } from './error-model.ts';

export interface Scenario {
  /** Cores per step, at least 0. */
  readonly cores: Float64Array;
  /** In deviations of the fit of stage 2. */
  readonly utilResidual: number;
  /** In deviations of the fit of stage 3. */
  readonly powerResidual: number;
}

export const SCENARIOS = 500;
const SEED = 0x4b43_6c64;

export function scenarios({ pathCores, error }: Pick<CpuForecast, 'pathCores' | 'error'>): Scenario[] {
  const random = mulberry32(SEED);
  const [level, size, util, power] = [0, 1, 2, 3].map(() => shuffled(strata(), random));
  const norms = runningNorms(error.weights);
  const weights = error.weights.slice(0, error.weights.findLastIndex((weight) => weight > LEAST_WEIGHT) + 1);
  const centres = pathCores.map((cores, step) => censoredCentre(cores, error.scale * (error.sd[step] ?? 0)));
  return strata().map((_, index) => {
    const swell = error.scale * chiScale(size?.[index] ?? 0.5, error.degreesOfFreedom);
    const lean = normalQuantile(level?.[index] ?? 0.5);
    const shocks = pathCores.map(() => normalQuantile(random()));
    const deviation = (step: number): number =>
      Math.sqrt(error.commonShare) * lean +
      Math.sqrt(error.ownShare) * normalQuantile(random()) +
      (Math.sqrt(1 - error.commonShare - error.ownShare) * carried(shocks, weights, step)) /
        (norms[step] ?? 1);
    return {
      cores: centres.map((centre, step) =>
        Math.max(0, centre + swell * (error.sd[step] ?? 0) * deviation(step)),
      ),
      utilResidual: normalQuantile(util?.[index] ?? 0.5),
      powerResidual: normalQuantile(power?.[index] ?? 0.5),
    };
  });
}

/** Weights below this carry nothing on. */
const LEAST_WEIGHT = 1e-3;

/** What the shocks up to a step amount to. */
function carried(shocks: Float64Array, weights: Float64Array, step: number): number {
  let sum = 0;
  for (let back = 0; back <= step && back < weights.length; back++)
    sum += (weights[back] ?? 0) * (shocks[step - back] ?? 0);
  return sum;
}

/** The middles of `SCENARIOS` equal shares of 0–1. */
function strata(): number[] {
  return Array.from({ length: SCENARIOS }, (_, index) => (index + 0.5) / SCENARIOS);
}

/** Fisher and Yates. */
function shuffled(values: readonly number[], random: () => number): number[] {
  const found = [...values];
  for (let last = found.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [found[last], found[other]] = [found[other] ?? 0, found[last] ?? 0];
  }
  return found;
}

/** √(ν/χ²) at a quantile, by which a normal value becomes one of Student's t (Wilson & Hilferty 1931 for χ²). */
function chiScale(quantile: number, degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return Math.max(1 - spread + normalQuantile(quantile) * Math.sqrt(spread), 0.05) ** -1.5;
}

/**
 * The centre of the normal distribution that, with everything below 0 counted as 0, has the given mean: cores cannot be
 * negative, and cutting the lower half off a small forecast would raise it. Newton's method on μΦ(μ/σ) + σφ(μ/σ) = mean.
 */
export function censoredCentre(mean: number, sd: number): number {
  if (!(sd > 0) || mean > 6 * sd) return mean;
  let ratio = mean / sd;
  for (let round = 0; round < 20; round++) {
    const below = normalShareBelow(ratio);
    const value = ratio * below + Math.exp((-ratio * ratio) / 2) / Math.sqrt(2 * Math.PI);
    ratio = Math.max(ratio - (value - mean / sd) / Math.max(below, 1e-3), -4);
  }
  return ratio * sd;
}

/** Uniform numbers in (0, 1) by Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

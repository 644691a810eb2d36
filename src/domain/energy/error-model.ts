/**
 * How errors of a forecast hang together over its horizon. Errors of neighbouring steps are alike, so their mean is far
 * less sure than independent errors would make it. What is known of it:
 *
 * 1. The deviations per step imply the weights ψ with which a linear model carries a shock on (Box & Jenkins, Time Series
 *    Analysis, §5.2.1: sd_h² = σ²(ψ_0² + … + ψ_{h−1}²)), up to their signs, which are taken to be positive: the widest case.
 * 2. Backtests show how wrong means over paths were. Their paths overlap, so they count as few observations; both are
 *    brought together as a scaled inverse χ² prior is with data (Gelman et al., Bayesian Data Analysis, §2.6).
 */
import { type BacktestReport } from '#domain/forecasting/forecast.ts';

export interface ErrorModel {
  /** Deviation of each step. */
  readonly sd: Float64Array;
  /** ψ weights of the shocks, first 1 (all 0 where every deviation is). */
  readonly weights: Float64Array;
  /** Share of the variance that moves all steps alike, beyond what the weights say: 0–1. */
  readonly commonShare: number;
  /** Share of the variance that is each step's own, where paths were less alike than the weights say: 0–1. */
  readonly ownShare: number;
  /** All errors are this many times as large. */
  readonly scale: number;
  /** How much stands behind the deviations, as degrees of freedom. */
  readonly degreesOfFreedom: number;
}

export interface ErrorEvidence {
  /** Deviation per step. */
  readonly sd: Float64Array;
  readonly backtest: BacktestReport | undefined;
}

/** The deviations per step count as this many observations of the path's mean. */
const PRIOR_OBSERVATIONS = 8;

export function errorModel({ sd, backtest }: ErrorEvidence): ErrorModel {
  const weights = impliedWeights(sd);
  const expected = meanVariance(sd, weights);
  const own = ownVariance(sd);
  const level = mean(sd) ** 2;
  const { ratio, observations } = observed({ sd, weights, backtest });
  const total = PRIOR_OBSERVATIONS + observations;
  const target = (expected * (PRIOR_OBSERVATIONS + observations * ratio)) / total;
  const commonShare = share(target - expected, level - expected);
  const ownShare = share(expected - target, expected - own);
  const reached = expected + commonShare * (level - expected) - ownShare * (expected - own);
  const scale = reached > 0 ? Math.max(1, Math.sqrt(target / reached)) : 1;
  return { sd, weights, commonShare, ownShare, scale, degreesOfFreedom: total };
}

function share(part: number, whole: number): number {
  return part > 0 && whole > 0 ? Math.min(1, part / whole) : 0;
}

/** ψ weights from deviations; a deviation that shrinks adds nothing. */
function impliedWeights(sd: Float64Array): Float64Array {
  const first = sd[0] ?? 0;
  if (!(first > 0)) return new Float64Array(sd.length);
  let most = 0;
  return sd.map((deviation) => {
    const added = Math.max(0, deviation ** 2 - most);
    most += added;
    return Math.sqrt(added) / first;
  });
}

/** The variance of the mean error where shocks are carried on by the weights. */
function meanVariance(sd: Float64Array, weights: Float64Array): number {
  const norms = runningNorms(weights);
  let sum = 0;
  for (let shock = 0; shock < sd.length; shock++) {
    let carried = 0;
    for (let step = shock; step < sd.length; step++)
      carried += ((sd[step] ?? 0) * (weights[step - shock] ?? 0)) / (norms[step] ?? 1);
    sum += carried ** 2;
  }
  return sum / sd.length ** 2;
}

/** √(ψ_0² + … + ψ_h²) per step: what makes the carried shocks of a step have deviation 1; 1 where all weights are 0. */
export function runningNorms(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight ** 2;
    return sum > 0 ? Math.sqrt(sum) : 1;
  });
}

/** The variance of the mean error if steps had nothing to do with each other. */
function ownVariance(sd: Float64Array): number {
  return sd.reduce((sum, deviation) => sum + deviation ** 2, 0) / sd.length ** 2;
}

/** The squared mean errors of backtest paths over what was expected of paths that long. */
function observed({ sd, weights, backtest }: ErrorEvidence & { readonly weights: Float64Array }): {
  readonly ratio: number;
  readonly observations: number;
} {
  const steps = Math.min(backtest?.perStep.length ?? 0, sd.length);
  const expected = steps > 0 ? meanVariance(sd.subarray(0, steps), weights.subarray(0, steps)) : 0;
  if (backtest === undefined || !(expected > 0)) return { ratio: 1, observations: 0 };
  const squares = backtest.errors.map((row) => mean(row.subarray(0, steps)) ** 2);
  const ratio = squares.reduce((sum, square) => sum + square, 0) / squares.length / expected;
  return { ratio, observations: backtest.independentPaths };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

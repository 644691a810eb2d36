/**
 * How errors of a forecast hang together over its horizon. Errors of neighbouring steps are alike, so their mean is far
 * less sure than independent errors would make it. What is known of it:
 *
 * 1. How alike neighbouring errors of backtests were: shocks are carried on by φ, φ², …, with φ at the upper end of what those
 *    errors allow. Without a backtest, the deviations per step imply the weights ψ with which a linear model carries shocks on
 *    (Box & Jenkins, Time Series Analysis, §5.2.1: sd_h² = σ²(ψ_0² + … + ψ_{h−1}²)), taken to be positive: the widest case.
 * 2. How wrong means over backtest paths were. The paths overlap, so they count as few observations; both are
 *    brought together as a scaled inverse χ² prior is with data (Gelman et al., Bayesian Data Analysis, §2.6).
 */
import { clamp } from './clamp.ts';
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
  /** Known values of the history. */
  readonly samples: number;
  readonly backtest: BacktestReport | undefined;
}

/** Lag-1 correlations about a known mean are found too small by 2φ over their number (White, Biometrika 1961). */
const BIAS = 2;
/**
 * How many observations the deviations per step are worth: as many as the history holds independent values where each carries
 * on the last by φ, n(1 − φ)/(1 + φ) (Bayley & Hammersley 1946), within these.
 */
const PRIOR_OBSERVATIONS = [2, 30] as const;

export function errorModel({ sd, samples, backtest }: ErrorEvidence): ErrorModel {
  const weights = backtest === undefined ? impliedWeights(sd) : carriedWeights(sd, backtest);
  const expected = meanVariance(sd, weights);
  const own = ownVariance(sd);
  const level = mean(sd) ** 2;
  const { ratio, observations } = observed({ sd, weights, backtest });
  const carried = clamp(weights[1] ?? 0, 0, 1);
  const prior = clamp((samples * (1 - carried)) / (1 + carried), ...PRIOR_OBSERVATIONS);
  const target = (expected * (prior + observations * ratio)) / (prior + observations);
  const commonShare = share(target - expected, level - expected);
  const ownShare = share(expected - target, expected - own);
  const reached = expected + commonShare * (level - expected) - ownShare * (expected - own);
  const scale = reached > 0 ? Math.max(1, Math.sqrt(target / reached)) : 1;
  return { sd, weights, commonShare, ownShare, scale, degreesOfFreedom: prior + observations };
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

/** 1, φ, φ², … with φ two standard errors above the lag-1 correlation of backtest errors, at most 1. */
function carriedWeights(sd: Float64Array, { errors, origins }: BacktestReport): Float64Array {
  let [products, squares] = [0, 0];
  for (const row of errors)
    for (let step = 1; step < row.length; step++) {
      products += (row[step] ?? 0) * (row[step - 1] ?? 0);
      squares += (row[step - 1] ?? 0) ** 2;
    }
  const judged = origins + (errors[0]?.length ?? 0);
  const found = squares > 0 ? products / squares : 1;
  const doubt = Math.sqrt(Math.max(1 - found ** 2, 0) / judged);
  const phi = clamp(found + 2 * doubt + BIAS / judged, 0, 1);
  return sd.map((_, step) => phi ** step);
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
function observed({
  sd,
  weights,
  backtest,
}: Omit<ErrorEvidence, 'samples'> & { readonly weights: Float64Array }): {
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

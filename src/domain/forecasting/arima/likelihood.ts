/** How well an ARMA model explains differences, with the mean and the variance concentrated out. */
import { at } from '../algebra/elements.ts';
import { filter } from './filter.ts';
import { type Arma } from './polynomial.ts';

export interface Likelihood {
  readonly logLikelihood: number;
  /** Generalised least squares estimate of the mean, 0 where none is asked for. */
  readonly mean: number;
  /** Maximum likelihood estimate of the innovation variance. */
  readonly variance: number;
  /** How many values were known. */
  readonly known: number;
}

/** The exact Gaussian log-likelihood; gaps (NaN) are integrated out. Undefined where not stationary or without values. */
export function exactLikelihood(arma: Arma, values: Float64Array, withMean: boolean): Likelihood | undefined {
  const series = withMean ? [values, new Float64Array(values.length).fill(1)] : [values];
  const innovations = filter(arma, series);
  if (innovations === undefined) return undefined;
  const sums = { yy: 0, xy: 0, xx: 0, logs: 0, known: 0 };
  const [errors, ones] = innovations.errors;
  innovations.variances.forEach((variance, t) => {
    const [e, x] = [errors?.[t] ?? Number.NaN, ones?.[t] ?? 0];
    if (Number.isNaN(e)) return;
    sums.yy += (e * e) / variance;
    sums.xy += (e * x) / variance;
    sums.xx += (x * x) / variance;
    sums.logs += Math.log(variance);
    sums.known++;
  });
  return concentrated(sums);
}

interface Sums {
  readonly yy: number;
  readonly xy: number;
  readonly xx: number;
  readonly logs: number;
  readonly known: number;
}

function concentrated({ yy, xy, xx, logs, known }: Sums): Likelihood | undefined {
  if (known === 0) return undefined;
  const mean = xx > 0 ? xy / xx : 0;
  const variance = Math.max(yy - mean * xy, 0) / known;
  const logLikelihood = -0.5 * (known * (Math.log(2 * Math.PI * Math.max(variance, 1e-300)) + 1) + logs);
  return { logLikelihood, mean, variance, known };
}

/** Lags with their non-zero weights. */
interface Sparse {
  readonly lags: Int32Array;
  readonly weights: Float64Array;
}

function sparse(coefficients: Float64Array): Sparse {
  const lags = [...coefficients.keys()].filter((index) => coefficients[index] !== 0);
  return {
    lags: Int32Array.from(lags, (index) => index + 1),
    weights: Float64Array.from(lags, (index) => coefficients[index] ?? 0),
  };
}

/**
 * The conditional likelihood (errors before the first full set of lags are zero): what the search for an order uses, many
 * times cheaper. Values must be finite and their mean zero; models that skip another number of values are compared by
 * their variance.
 */
export function conditionalLikelihood({ ar, ma }: Arma, values: Float64Array): Likelihood {
  const n = values.length;
  const [phi, theta] = [sparse(ar), sparse(ma)];
  const errors = new Float64Array(n);
  let sum = 0;
  const start = Math.min(Math.max(ar.length, ma.length), n - 1);
  for (let t = start; t < n; t++) {
    const error = at(values, t) - weighted(phi, values, t) - weighted(theta, errors, t);
    errors[t] = error;
    sum += error * error;
  }
  const variance = sum / (n - start);
  const logLikelihood = -0.5 * n * (Math.log(2 * Math.PI * Math.max(variance, 1e-300)) + 1);
  return { logLikelihood, mean: 0, variance, known: n };
}

/** Σ weight·values[t − lag]. */
function weighted({ lags, weights }: Sparse, values: Float64Array, t: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += at(weights, i) * at(values, t - (lags[i] ?? 0));
  return sum;
}

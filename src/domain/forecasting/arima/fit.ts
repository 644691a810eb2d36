/** Maximum likelihood fits of one ARIMA model of given order. */
import { bfgs } from '../algebra/minimize.ts';
import { difference } from './differences.ts';
import { conditionalLikelihood, exactLikelihood, type Likelihood } from './likelihood.ts';
import { armaOf, type Blocks, blocks, parameterCount } from './parameters.ts';
import { type Arma, type ArimaOrder } from './polynomial.ts';

export interface ArimaFit {
  readonly order: ArimaOrder;
  /** Whether a mean of the differences was estimated: the mean at d + D = 0, the drift per step (times m for D) at 1. */
  readonly constant: boolean;
  readonly blocks: Blocks;
  readonly arma: Arma;
  readonly mean: number;
  readonly variance: number;
  readonly logLikelihood: number;
  /** Akaike's criterion with the correction for short series; Infinity where it is not defined. */
  readonly aicc: number;
  /** The unbounded parameters, to start another fit from. */
  readonly free: Float64Array;
}

export interface FitOptions {
  readonly order: ArimaOrder;
  readonly constant: boolean;
  /** Least conditional squares instead of exact likelihood: for searching. */
  readonly conditional?: boolean;
  readonly start?: Float64Array;
}

/** Fits to levels, in which NaN marks gaps; undefined where too few values are left to estimate from. */
export function fitArima(values: Float64Array, options: FitOptions): ArimaFit | undefined {
  const changes = difference(values, options.order);
  const known = changes.reduce((count, value) => count + (Number.isFinite(value) ? 1 : 0), 0);
  const count = parameterCount(options.order) + (options.constant ? 1 : 0) + 1;
  if (known < count + 2 || changes.length <= longestLag(options.order)) return undefined;
  const likelihood = likelihoodOf(changes, options);
  const objective = (free: Float64Array): number => {
    const found = likelihood(free);
    return found === undefined || Number.isNaN(found.logLikelihood)
      ? Number.POSITIVE_INFINITY
      : -found.logLikelihood / known;
  };
  const start = options.start ?? new Float64Array(parameterCount(options.order)).fill(0.1);
  const { at } = bfgs(objective, start, { tolerance: options.conditional === true ? 1e-6 : 1e-9 });
  return described(at, likelihood(at), { options, count });
}

function longestLag({ p, q, P, Q, m }: ArimaOrder): number {
  return Math.max(p + m * P, q + m * Q);
}

function likelihoodOf(
  changes: Float64Array,
  { order, constant, conditional }: FitOptions,
): (free: Float64Array) => Likelihood | undefined {
  if (conditional !== true)
    return (free) => exactLikelihood(armaOf(blocks(free, order), order.m), changes, constant);
  const centre = constant ? changes.reduce((sum, value) => sum + value, 0) / changes.length : 0;
  const centred = changes.map((value) => value - centre);
  return (free) => ({
    ...conditionalLikelihood(armaOf(blocks(free, order), order.m), centred),
    mean: centre,
  });
}

function described(
  free: Float64Array,
  likelihood: Likelihood | undefined,
  { options: { order, constant }, count }: { options: FitOptions; count: number },
): ArimaFit | undefined {
  if (likelihood === undefined || !Number.isFinite(likelihood.logLikelihood)) return undefined;
  const { logLikelihood, mean, variance, known } = likelihood;
  const parts = blocks(free, order);
  const room = known - count - 1;
  const aicc =
    room > 0 ? -2 * logLikelihood + 2 * count + (2 * count * (count + 1)) / room : Number.POSITIVE_INFINITY;
  return {
    order,
    constant,
    blocks: parts,
    arma: armaOf(parts, order.m),
    mean,
    variance,
    logLikelihood,
    aicc,
    free,
  };
}

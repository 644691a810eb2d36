/**
 * Linear autoregression on recent and seasonal lags by least squares. Candidates are the leading sets of one ordered list
 * of lags; the corrected Akaike criterion picks the set, for which one Cholesky factorisation is enough.
 */
import { lagEquations } from '../algebra/lag-products.ts';
import { coefficients, factor } from '../algebra/least-squares.ts';
import { type Forecaster, type Model, type Path } from '../model.ts';
import { deviations } from './psi.ts';

export interface AutoregressionOptions {
  /** Recent lags 1…`recent` are considered (default 12). */
  readonly recent?: number;
  /** Season lengths whose lags (m, m±1, 2m) are considered. */
  readonly seasons?: readonly number[];
  /** Forecasts differences over this many steps instead of levels (0: levels). */
  readonly difference?: number;
  /** Share of each diagonal added to keep correlated lags tame (default 1e-4). */
  readonly ridge?: number;
}

export function autoregression(options: AutoregressionOptions = {}): Model {
  const { seasons = [], difference = 0 } = options;
  const name = difference > 0 ? `ar-diff${difference}` : seasons.length > 0 ? 'ar-seasonal' : 'ar';
  return { name, fit: (values) => fit(values, options) };
}

/** Lags in the order in which they are tried: near ones first, then around each season. */
function orderedLags({ recent = 12, seasons = [] }: AutoregressionOptions, most: number): number[] {
  const near = Array.from({ length: recent }, (_, index) => index + 1);
  const seasonal = seasons.flatMap((m) => [m, m + 1, m - 1, 2 * m, m + 2, 2 * m + 1]);
  return [...new Set([...near.slice(0, 3), ...seasonal, ...near])].filter((lag) => lag >= 1 && lag <= most);
}

interface Fit {
  readonly lags: readonly number[];
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly sigma: number;
}

function fit(values: Float64Array, options: AutoregressionOptions): Forecaster | undefined {
  const { difference = 0 } = options;
  const changes = differenced(values, difference);
  const lags = orderedLags(options, Math.floor(changes.length * 0.6));
  const regression =
    changes.length >= 12 && lags.length > 0 ? regress(changes, lags, options.ridge) : undefined;
  if (regression === undefined) return undefined;
  const description = `AR(${regression.lags.join(',')})${difference > 0 ? ` of ∇${difference}` : ''}`;
  return {
    description,
    memory: memoryOf(regression, difference),
    forecast: (history, horizon) => forecast(regression, history, { horizon, difference }),
  };
}

function memoryOf({ lags }: Pick<Fit, 'lags'>, difference: number): number {
  return Math.max(...lags, 1) + difference;
}

function differenced(values: Float64Array, over: number): Float64Array {
  if (over === 0) return values;
  return Float64Array.from(
    { length: Math.max(values.length - over, 0) },
    (_, t) => (values[t + over] ?? 0) - (values[t] ?? 0),
  );
}

function regress(values: Float64Array, lags: readonly number[], ridge = 1e-4): Fit | undefined {
  const longest = Math.max(...lags);
  const rows = values.length - longest;
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - centre);
  const factored = factor(lagEquations(centred, lags), ridge);
  const count = bestCount(factored.residual, rows);
  const all = coefficients(factored, count);
  const weights = all.slice(1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const sigma = Math.sqrt((factored.residual[count] ?? 0) / Math.max(rows - count, 1));
  return { lags: lags.slice(0, count - 1), weights, intercept: (all[0] ?? 0) + centre * (1 - sum), sigma };
}

/** How many leading columns (the constant included) have the least corrected Akaike criterion. */
function bestCount(residual: Float64Array, rows: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 1; k < residual.length && rows - k - 2 > 0; k++) {
    const criterion =
      rows * Math.log(Math.max(residual[k] ?? 0, 1e-300) / rows) + (2 * (k + 1) * rows) / (rows - k - 2);
    if (criterion < least - 1e-9) [best, least] = [k, criterion];
  }
  return best;
}

function forecast(
  fitted: Fit,
  history: Float64Array,
  { horizon, difference }: { horizon: number; difference: number },
): Path {
  const known = differenced(
    history.subarray(Math.max(history.length - memoryOf(fitted, difference), 0)),
    difference,
  );
  const path = new Float64Array(known.length + horizon);
  path.set(known);
  for (let t = known.length; t < path.length; t++) {
    let sum = fitted.intercept;
    for (let i = 0; i < fitted.lags.length; i++)
      sum += (fitted.weights[i] ?? 0) * (path[t - (fitted.lags[i] ?? 1)] ?? 0);
    path[t] = sum;
  }
  return {
    mean: levels(history, path.subarray(known.length), difference),
    sd: deviations(fitted, { horizon, difference }),
  };
}

function levels(history: Float64Array, changes: Float64Array, difference: number): Float64Array {
  if (difference === 0) return changes.slice();
  const mean = new Float64Array(changes.length);
  for (let h = 0; h < mean.length; h++) {
    const before = h < difference ? history[history.length - difference + h] : mean[h - difference];
    mean[h] = (before ?? 0) + (changes[h] ?? 0);
  }
  return mean;
}

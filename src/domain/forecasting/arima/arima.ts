/** ARIMA and seasonal ARIMA as forecasting models. */
import { type Forecaster, type Model, type Path } from '../model.ts';
import { difference, integrate, integration } from './differences.ts';
import { filter } from './filter.ts';
import { type ArimaFit, fitArima, type FitOptions } from './fit.ts';
import { type ArimaOrder, orderText, product, psiWeights } from './polynomial.ts';
import { selectArima, type SelectOptions } from './select.ts';

/** ARIMA whose order is searched per series. */
export function autoArima(options: SelectOptions = {}): Model {
  const name = (options.season ?? 1) > 1 ? `arima-${options.season ?? 1}` : 'arima';
  return { name, fit: (values) => forecasterOf(selectArima(values, options)) };
}

/** ARIMA of one order, estimated by exact likelihood; gaps (NaN) are allowed. */
export function arima(
  order: ArimaOrder,
  { constant = order.d + order.D === 0 }: Partial<Pick<FitOptions, 'constant'>> = {},
): Model {
  return { name: orderText(order), fit: (values) => forecasterOf(fitArima(values, { order, constant })) };
}

function forecasterOf(fit: ArimaFit | undefined): Forecaster | undefined {
  if (fit === undefined) return undefined;
  const { order, constant, mean } = fit;
  const what = order.d + order.D === 0 ? 'mean' : 'drift';
  const description = `${orderText(order)}${constant && mean !== 0 ? ` with ${what}` : ''}`;
  return { description, forecast: (history, horizon) => forecastArima(fit, history, horizon) };
}

/** Forecasts after the last of `history`, of which NaN marks gaps, those at its end included. */
export function forecastArima(fit: ArimaFit, history: Float64Array, horizon: number): Path {
  const end = history.findLastIndex((value) => Number.isFinite(value)) + 1;
  const open = history.length - end;
  const known = history.subarray(0, end);
  const changes = forecastChanges(fit, difference(known, fit.order), horizon + open);
  const mean = integrate(withoutGaps(known), changes, fit.order);
  return { mean: mean.slice(open), sd: deviations(fit, horizon + open).slice(open) };
}

function forecastChanges({ arma, mean }: ArimaFit, changes: Float64Array, horizon: number): Float64Array {
  const centred = changes.map((value) => value - mean);
  const state = filter(arma, [centred])?.states[0] ?? new Float64Array(1);
  const path = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    path[h] = mean + (state[0] ?? 0);
    advanceBy(state, arma.ar);
  }
  return path;
}

function advanceBy(state: Float64Array, ar: Float64Array): void {
  const first = state[0] ?? 0;
  for (let i = 0; i < state.length; i++) state[i] = (ar[i] ?? 0) * first + (state[i + 1] ?? 0);
}

/** Gaps within the levels joined by lines: only the last d + D·m of them matter. */
function withoutGaps(values: Float64Array): Float64Array {
  const filled = values.slice();
  let before = -1;
  for (let t = 0; t < filled.length; t++) {
    if (Number.isNaN(filled[t])) continue;
    const [from, to] = [filled[before] ?? filled[t] ?? 0, filled[t] ?? 0];
    for (let gap = before + 1; gap < t; gap++)
      filled[gap] = from + ((to - from) * (gap - before)) / (t - before);
    before = t;
  }
  return filled;
}

function deviations({ arma, order, variance }: ArimaFit, horizon: number): Float64Array {
  const ar = multiplied(arma.ar, integration(order));
  const psi = psiWeights({ ar, ma: arma.ma }, horizon);
  let sum = 0;
  return psi.map((weight) => Math.sqrt(variance * (sum += weight * weight)));
}

/** (1 − Σaⱼ·Bʲ)(1 − Σbⱼ·Bʲ) in the same signs. */
function multiplied(a: Float64Array, b: Float64Array): Float64Array {
  return product(a, b, { season: 1, sign: -1 });
}

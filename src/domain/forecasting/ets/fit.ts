/** Maximum likelihood fits of exponential smoothing. */
import { bfgs } from '../algebra/minimize.ts';
import { mstl } from '../seasonal/mstl.ts';
import { type EtsForm, EtsState, type Smoothed, smooth, type Smoothing } from './components.ts';

export interface EtsFit {
  readonly form: EtsForm;
  readonly smoothing: Smoothing;
  readonly start: EtsState;
  readonly result: Smoothed;
  readonly aicc: number;
}

/** Shorter series have their first level and trend estimated too; in longer ones they hardly matter. */
const ESTIMATED_START = 100;

/** Fits to finite values; undefined where the form does not apply (too short, or not positive and multiplicative). */
export function fitEts(values: Float64Array, form: EtsForm): EtsFit | undefined {
  if (!applies(values, form)) return undefined;
  const first = startOf(values, form);
  const scale = standardDeviation(values);
  const free = freeCount(form);
  const begin = (at: Float64Array): EtsState =>
    new EtsState(
      first.level + (at[free] ?? 0) * scale,
      first.trend + (form.trend === 'N' ? 0 : (at[free + 1] ?? 0) * scale * 0.1),
      first.season,
    );
  const run = (at: Float64Array): Smoothed =>
    smooth(values, form, { smoothing: smoothingOf(at, form), start: begin(at) });
  const estimated = values.length <= ESTIMATED_START ? (form.trend === 'N' ? 1 : 2) : 0;
  const guess = new Float64Array(free + estimated);
  guess.set([-1, -2, -2, 1].slice(0, free));
  const { at } = bfgs((point) => -run(point).logLikelihood / values.length, guess, {
    tolerance: 1e-7,
    maxSteps: 40,
  });
  return described(values, form, { smoothing: smoothingOf(at, form), start: begin(at), result: run(at) });
}

function applies(values: Float64Array, { error, season, m }: EtsForm): boolean {
  const positive = values.every((value) => value > 0);
  if ((error === 'M' || season === 'M') && !positive) return false;
  return values.length >= (season === 'N' ? 6 : 2 * m + 4);
}

function described(
  values: Float64Array,
  form: EtsForm,
  found: Pick<EtsFit, 'smoothing' | 'start' | 'result'>,
): EtsFit | undefined {
  if (!Number.isFinite(found.result.logLikelihood)) return undefined;
  const count = freeCount(form) + 2 + (form.trend === 'N' ? 0 : 1) + (form.season === 'N' ? 0 : form.m - 1);
  const room = values.length - count - 1;
  const penalty = room > 0 ? 2 * count + (2 * count * (count + 1)) / room : Number.POSITIVE_INFINITY;
  return { form, ...found, aicc: penalty - 2 * found.result.logLikelihood };
}

function freeCount({ trend, season }: EtsForm): number {
  return 1 + (trend === 'N' ? 0 : 1) + (season === 'N' ? 0 : 1) + (trend === 'Ad' ? 1 : 0);
}

/** From unbounded parameters into 0 < α < 1, 0 < β < α, 0 < γ < 1 − α, 0.8 < φ < 0.98 (the bounds of FPP3 §8.6). */
export function smoothingOf(free: Float64Array, { trend, season }: EtsForm): Smoothing {
  let next = 0;
  const share = (): number => 1 / (1 + Math.exp(-(free[next++] ?? 0)));
  const alpha = 0.0001 + 0.9998 * share();
  const beta = trend === 'N' ? 0 : alpha * share();
  const gamma = season === 'N' ? 0 : (1 - alpha) * share();
  const phi = trend === 'Ad' ? 0.8 + 0.18 * share() : trend === 'A' ? 1 : 0;
  return { alpha, beta, gamma, phi };
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The first season from a decomposition of the first cycles, level and trend from a line through what it leaves. */
function startOf(values: Float64Array, { trend, season, m }: EtsForm): EtsState {
  const window = values.subarray(0, season === 'N' ? 10 : Math.min(values.length, 5 * m));
  const seasonal = season === 'N' ? new Float64Array() : firstSeason(window, season, m);
  const adjusted = window.map((value, t) => {
    const own = season === 'N' ? 0 : (seasonal[t % m] ?? 0);
    return season === 'M' ? value / (own || 1) : value - own;
  });
  const { level, slope } = line(adjusted.subarray(0, Math.max(10, 2 * (season === 'N' ? 1 : m))));
  if (trend === 'N')
    return new EtsState(adjusted.reduce((sum, value) => sum + value, 0) / adjusted.length, 0, seasonal);
  return new EtsState(level, slope, seasonal);
}

function firstSeason(values: Float64Array, kind: 'A' | 'M', m: number): Float64Array {
  const scaled = kind === 'M' ? values.map(Math.log) : values;
  const found = mstl(scaled, { seasons: [m], seasonalWindows: [Number.POSITIVE_INFINITY] }).seasonals[0]
    ?.values;
  const first = (found ?? new Float64Array(m)).slice(0, m);
  const mean = first.reduce((sum, value) => sum + value, 0) / m;
  return first.map((value) => (kind === 'M' ? Math.exp(value - mean) : value - mean));
}

/** Least squares line at steps 1…n: its value at step 0 and its slope. */
function line(values: Float64Array): { level: number; slope: number } {
  const n = values.length;
  const centre = (n + 1) / 2;
  let [sum, cross, squares] = [0, 0, 0];
  values.forEach((value, index) => {
    sum += value;
    cross += (index + 1 - centre) * value;
    squares += (index + 1 - centre) ** 2;
  });
  const slope = squares > 0 ? cross / squares : 0;
  return { level: sum / n - slope * centre, slope };
}

/**
 * Exponential smoothing in state-space form (Hyndman, Koehler, Ord & Snyder 2008): a level, a trend and a season, each
 * corrected by its share of the last error.
 */

export interface EtsForm {
  /** Whether errors add to the forecast or scale with it. */
  readonly error: 'A' | 'M';
  readonly trend: 'N' | 'A' | 'Ad';
  readonly season: 'N' | 'A' | 'M';
  /** Season length in steps; 1 where there is no season. */
  readonly m: number;
}

export function formText({ error, trend, season, m }: EtsForm): string {
  return `ETS(${error},${trend},${season})${season === 'N' ? '' : `[${m}]`}`;
}

/** Shares of the error that go to the level, the trend (αβ* in the older notation) and the season, and the damping. */
export interface Smoothing {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
}

/** Mutable on purpose: one is stepped through a series. */
export class EtsState {
  level: number;
  trend: number;
  /** The next m seasonal terms, as a ring. */
  readonly season: Float64Array;
  #place = 0;

  constructor(level: number, trend: number, season: Float64Array) {
    this.level = level;
    this.trend = trend;
    this.season = season;
  }

  copy(): EtsState {
    const copy = new EtsState(this.level, this.trend, this.season.slice());
    copy.#place = this.#place;
    return copy;
  }

  /** The forecast of the next value. */
  expected(form: EtsForm, phi: number): number {
    const base = this.level + phi * this.trend;
    if (form.season === 'N') return base;
    const seasonal = this.season[this.#place] ?? 0;
    return form.season === 'A' ? base + seasonal : base * seasonal;
  }

  /**
   * Moves on by one step in which the value was `error` above the forecast. Additive and multiplicative errors move the
   * states alike; they differ in their likelihood only.
   */
  advance(error: number, form: EtsForm, { alpha, beta, gamma, phi }: Smoothing): void {
    const base = this.level + phi * this.trend;
    const seasonal = this.season[this.#place] ?? 1;
    const toBase = form.season === 'M' ? error / seasonal : error;
    const toSeason = form.season === 'M' ? error / base : error;
    if (form.season !== 'N') {
      this.season[this.#place] = seasonal + gamma * toSeason;
      this.#place = (this.#place + 1) % this.season.length;
    }
    this.level = base + alpha * toBase;
    this.trend = phi * this.trend + beta * toBase;
  }
}

export interface Smoothed {
  readonly logLikelihood: number;
  /** Of the errors, relative to the forecast where they scale with it. */
  readonly variance: number;
  readonly end: EtsState;
}

/** Runs through finite values; the log-likelihood with the variance concentrated out, −Infinity where a forecast is not positive but must be. */
export function smooth(
  values: Float64Array,
  form: EtsForm,
  at: { smoothing: Smoothing; start: EtsState },
): Smoothed {
  const state = at.start.copy();
  const { smoothing } = at;
  let [sum, logs] = [0, 0];
  for (const value of values) {
    const expected = state.expected(form, smoothing.phi);
    const error = value - expected;
    if (form.error === 'M') {
      if (!(expected > 0))
        return { logLikelihood: Number.NEGATIVE_INFINITY, variance: Number.NaN, end: state };
      logs += Math.log(expected);
      sum += (error / expected) ** 2;
    } else sum += error * error;
    state.advance(error, form, smoothing);
  }
  const n = values.length;
  const variance = sum / n;
  const logLikelihood = -0.5 * n * (Math.log(2 * Math.PI * Math.max(variance, 1e-300)) + 1) - logs;
  return {
    logLikelihood: Number.isNaN(logLikelihood) ? Number.NEGATIVE_INFINITY : logLikelihood,
    variance,
    end: state,
  };
}

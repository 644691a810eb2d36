/**
 * The exact innovations of a stationary ARMA process. Without gaps by the Chandrasekhar recursions (Morf, Sidhu & Kailath
 * 1974), which need a vector where the Kalman filter needs a matrix; with gaps by the Kalman filter itself.
 */
import { at } from '../algebra/elements.ts';
import { type Arma } from './polynomial.ts';
import { advance, type StateSpace, stateSpace } from './state-space.ts';

export interface Innovations {
  /** One-step errors per series, NaN where the value is missing. */
  readonly errors: readonly Float64Array[];
  /** Their variances at unit innovation variance. */
  readonly variances: Float64Array;
  /** The state per series before the step after the last value. */
  readonly states: readonly Float64Array[];
}

/** Filters several series of one length and the same gaps (those of the first); undefined where not stationary. */
export function filter(arma: Arma, series: readonly Float64Array[]): Innovations | undefined {
  const space = stateSpace(arma);
  if (space === undefined) return undefined;
  const gaps = series[0]?.some((value) => Number.isNaN(value)) ?? false;
  return gaps ? kalman(space, series) : chandrasekhar(space, series);
}

/** What is left of the recursion's rank-one increment when the gain has settled. */
const SETTLED = 1e-13;

class Gain {
  readonly #phi: Float64Array;
  readonly #increment: Float64Array;
  #scale: number;
  readonly gain: Float64Array;
  variance: number;
  settled = false;

  constructor({ phi, withValue }: StateSpace) {
    this.#phi = phi;
    this.variance = withValue[0] ?? 1;
    this.gain = withValue.slice();
    advance(this.gain, phi);
    this.#increment = this.gain.slice();
    this.#scale = -1 / this.variance;
  }

  next(): void {
    if (this.settled) return;
    const first = this.#increment[0] ?? 0;
    const before = this.variance;
    const { gain } = this;
    const moved = this.#increment;
    this.variance += this.#scale * first * first;
    advance(moved, this.#phi);
    const [add, take] = [this.#scale * first, first / this.variance];
    let size = 0;
    for (let i = 0; i < gain.length; i++) {
      gain[i] = (gain[i] ?? 0) + add * (moved[i] ?? 0);
      moved[i] = (moved[i] ?? 0) - take * (gain[i] ?? 0);
      size = Math.max(size, Math.abs(moved[i] ?? 0));
    }
    this.#scale += (this.#scale * first * this.#scale * first) / before;
    this.settled = Math.abs(this.#scale) * size * size < SETTLED;
  }
}

function chandrasekhar(space: StateSpace, series: readonly Float64Array[]): Innovations {
  const length = series[0]?.length ?? 0;
  const gain = new Gain(space);
  const variances = new Float64Array(length);
  const errors = series.map(() => new Float64Array(length));
  const states = series.map(() => new Float64Array(space.size));
  for (let t = 0; t < length; t++) {
    variances[t] = gain.variance;
    for (let s = 0; s < series.length; s++)
      step(
        { state: states[s] ?? gain.gain, errors: errors[s] ?? variances },
        { space, gain },
        { t, value: series[s]?.[t] ?? 0 },
      );
    gain.next();
  }
  return { errors, variances, states };
}

interface Track {
  readonly state: Float64Array;
  readonly errors: Float64Array;
}

function step(
  { state, errors }: Track,
  { space, gain }: { space: StateSpace; gain: { gain: Float64Array; variance: number } },
  { t, value }: { t: number; value: number },
): void {
  const error = value - (state[0] ?? 0);
  errors[t] = error;
  advance(state, space.phi);
  const share = error / gain.variance;
  const column = gain.gain;
  for (let i = 0; i < state.length; i++) state[i] = (state[i] ?? 0) + (column[i] ?? 0) * share;
}

function kalman(space: StateSpace, series: readonly Float64Array[]): Innovations {
  const length = series[0]?.length ?? 0;
  const covariance = stationaryCovariance(space);
  const variances = new Float64Array(length);
  const errors = series.map(() => new Float64Array(length).fill(Number.NaN));
  const states = series.map(() => new Float64Array(space.size));
  for (let t = 0; t < length; t++) {
    const missing = Number.isNaN(series[0]?.[t] ?? Number.NaN);
    const variance = covariance[0] ?? 1;
    variances[t] = missing ? Number.NaN : variance;
    const gain = covariance.slice(0, space.size);
    advance(gain, space.phi);
    states.forEach((state, s) => {
      if (missing) advance(state, space.phi);
      else
        step(
          { state, errors: errors[s] ?? state },
          { space, gain: { gain, variance } },
          { t, value: series[s]?.[t] ?? 0 },
        );
    });
    predict(covariance, space, missing ? undefined : { gain, variance });
  }
  return { errors, variances, states };
}

/** P ← T·P·Tᵀ + R·Rᵀ − K·Kᵀ/F; the last term only where a value was seen. */
function predict(
  covariance: Float64Array,
  { size, phi, shock }: StateSpace,
  seen?: { gain: Float64Array; variance: number },
): void {
  const below = (i: number, j: number): number =>
    i + 1 < size && j + 1 < size ? at(covariance, (i + 1) * size + j + 1) : 0;
  const first = covariance.slice(0, size);
  const corner = at(first, 0);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const [pi, pj] = [at(phi, i), at(phi, j)];
      const moved = pi * pj * corner + pi * at(first, j + 1) + pj * at(first, i + 1) + below(i, j);
      const learned = seen === undefined ? 0 : (at(seen.gain, i) * at(seen.gain, j)) / seen.variance;
      covariance[i * size + j] = moved + at(shock, i) * at(shock, j) - learned;
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) covariance[j * size + i] = at(covariance, i * size + j);
}

/**
 * The stationary covariance of the state. P = T·P·Tᵀ + R·Rᵀ written per element gives each from the one above and to the
 * left of it: P[i+1,j+1] = P[i,j] − RRᵀ[i,j] − φᵢφⱼP₀₀ − φᵢP[0,j+1] − φⱼP[0,i+1].
 */
function stationaryCovariance({ size, shock, phi, withValue }: StateSpace): Float64Array {
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    covariance[i] = at(withValue, i);
    covariance[i * size] = at(withValue, i);
  }
  for (let i = 0; i + 1 < size; i++) {
    for (let j = 0; j + 1 < size; j++) {
      const [pi, pj] = [at(phi, i), at(phi, j)];
      const first = pi * pj * at(withValue, 0) + pi * at(withValue, j + 1) + pj * at(withValue, i + 1);
      covariance[(i + 1) * size + j + 1] = at(covariance, i * size + j) - at(shock, i) * at(shock, j) - first;
    }
  }
  return covariance;
}

/**
 * The state-space form of an ARMA process (Harvey 1989, §3.3): a state of r = max(p, q + 1) elements whose first is the
 * value itself; the transition is the companion matrix with φ in its first column, the shock enters through (1, θ…).
 */
import { type Arma, autocovariances, psiWeights } from './polynomial.ts';

export interface StateSpace {
  readonly size: number;
  /** φ₁…φᵣ. */
  readonly phi: Float64Array;
  /** (1, θ₁…θᵣ₋₁). */
  readonly shock: Float64Array;
  /** The stationary covariance of the state with the value, at unit innovation variance. */
  readonly withValue: Float64Array;
}

/** Undefined where the autoregression is not stationary. */
export function stateSpace(arma: Arma): StateSpace | undefined {
  const size = Math.max(arma.ar.length, arma.ma.length + 1);
  const gamma = autocovariances(arma, size + 1);
  if (gamma === undefined) return undefined;
  const phi = new Float64Array(size);
  phi.set(arma.ar);
  const shock = new Float64Array(size);
  shock[0] = 1;
  shock.set(arma.ma, 1);
  return {
    size,
    phi,
    shock,
    withValue: covarianceWithValue({ phi, shock }, { gamma, psi: psiWeights(arma, size) }),
  };
}

/** Element i holds what the value i steps later takes from now: Σφⱼ·y[t+i−j] + Σθⱼ₋₁·ε[t+i−j+1] over j > i. */
function covarianceWithValue(
  { phi, shock }: { phi: Float64Array; shock: Float64Array },
  { gamma, psi }: { gamma: Float64Array; psi: Float64Array },
): Float64Array {
  const size = phi.length;
  const covariance = new Float64Array(size);
  covariance[0] = gamma[0] ?? 0;
  for (let i = 1; i < size; i++) {
    let sum = 0;
    for (let j = i; j < size; j++)
      sum += (phi[j] ?? 0) * (gamma[j - i + 1] ?? 0) + (shock[j] ?? 0) * (psi[j - i] ?? 0);
    covariance[i] = sum;
  }
  return covariance;
}

/** One step of the transition, in place. */
export function advance(state: Float64Array, phi: Float64Array): void {
  const first = state[0] ?? 0;
  const last = state.length - 1;
  for (let i = 0; i < last; i++) state[i] = (phi[i] ?? 0) * first + (state[i + 1] ?? 0);
  state[last] = (phi[last] ?? 0) * first;
}

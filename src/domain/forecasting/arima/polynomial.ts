/**
 * Lag polynomials of seasonal ARMA models, in the signs of Box & Jenkins' software: y = Σφⱼ·y[t−j] + ε + Σθⱼ·ε[t−j].
 */
import { at } from '../algebra/elements.ts';

/** (p, d, q)(P, D, Q) with the season length m; P, D and Q are 0 where m is 1. */
export interface ArimaOrder {
  readonly p: number;
  readonly d: number;
  readonly q: number;
  readonly P: number;
  readonly D: number;
  readonly Q: number;
  readonly m: number;
}

export function orderText({ p, d, q, P, D, Q, m }: ArimaOrder): string {
  return `ARIMA(${p},${d},${q})${m > 1 ? `(${P},${D},${Q})[${m}]` : ''}`;
}

/** Coefficients of lags 1…n. */
export interface Arma {
  readonly ar: Float64Array;
  readonly ma: Float64Array;
}

/** A short polynomial of near lags times one of seasonal lags; `sign` is −1 for φ (1 − φB) and +1 for θ (1 + θB). */
export function product(
  near: Float64Array,
  seasonal: Float64Array,
  { season, sign }: { season: number; sign: 1 | -1 },
): Float64Array {
  const expanded = new Float64Array(near.length + season * seasonal.length);
  for (let i = 0; i <= near.length; i++) {
    const a = i === 0 ? 1 : sign * (near[i - 1] ?? 0);
    for (let j = 0; j <= seasonal.length; j++) {
      const b = j === 0 ? 1 : sign * (seasonal[j - 1] ?? 0);
      const lag = i + j * season;
      if (lag > 0) expanded[lag - 1] = (expanded[lag - 1] ?? 0) + sign * a * b;
    }
  }
  return expanded;
}

/**
 * Coefficients of a stationary autoregression from its partial autocorrelations (Durbin–Levinson; Monahan 1984).
 */
export function fromPartial(partial: Float64Array): Float64Array {
  let phi: Float64Array = new Float64Array();
  partial.forEach((kappa, k) => {
    const next = new Float64Array(k + 1);
    for (let j = 0; j < k; j++) next[j] = (phi[j] ?? 0) - kappa * (phi[k - 1 - j] ?? 0);
    next[k] = kappa;
    phi = next;
  });
  return phi;
}

/** The predictors of every order below that of `phi`, by stepping down; undefined where it is not stationary. */
export function stepDown(phi: Float64Array): Float64Array[] | undefined {
  const orders: Float64Array[] = new Array<Float64Array>(phi.length);
  let current = phi;
  for (let k = phi.length; k > 0; k--) {
    orders[k - 1] = current;
    const kappa = current[k - 1] ?? 0;
    if (!(Math.abs(kappa) < 1)) return undefined;
    const lower = new Float64Array(k - 1);
    for (let j = 0; j < k - 1; j++)
      lower[j] = ((current[j] ?? 0) + kappa * (current[k - 2 - j] ?? 0)) / (1 - kappa * kappa);
    current = lower;
  }
  return orders;
}

/** The weights ψ₀…ψₙ₋₁ of the moving average form. */
export function psiWeights({ ar, ma }: Arma, count: number): Float64Array {
  const psi = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let weight = k === 0 ? 1 : (ma[k - 1] ?? 0);
    for (let j = 1; j <= Math.min(k, ar.length); j++) weight += (ar[j - 1] ?? 0) * (psi[k - j] ?? 0);
    psi[k] = weight;
  }
  return psi;
}

/**
 * Autocovariances γ₀…γₙ₋₁ at unit innovation variance: those of the autoregression alone by Durbin–Levinson, then
 * spread by the moving average. Undefined where the autoregression is not stationary.
 */
export function autocovariances({ ar, ma }: Arma, count: number): Float64Array | undefined {
  const orders = stepDown(ar);
  if (orders === undefined) return undefined;
  const gamma = new Float64Array(count + ma.length);
  gamma[0] = orders.reduce((variance, order) => variance / (1 - (order.at(-1) ?? 0) ** 2), 1);
  for (let k = 1; k < gamma.length; k++) {
    const predictor = orders[Math.min(k, ar.length) - 1] ?? ar;
    let sum = 0;
    for (let j = 1; j <= predictor.length; j++) sum += (predictor[j - 1] ?? 0) * (gamma[k - j] ?? 0);
    gamma[k] = sum;
  }
  return spread(gamma, ma, count);
}

function spread(gamma: Float64Array, ma: Float64Array, count: number): Float64Array {
  const theta = Float64Array.of(1, ...ma);
  const spread = new Float64Array(count);
  for (let shift = 0; shift < theta.length; shift++) {
    let product = 0;
    for (let i = 0; i + shift < theta.length; i++) product += at(theta, i) * at(theta, i + shift);
    if (product === 0) continue;
    for (let k = 0; k < count; k++) {
      const both = at(gamma, k + shift) + (shift > 0 ? at(gamma, Math.abs(k - shift)) : 0);
      spread[k] = at(spread, k) + product * both;
    }
  }
  return spread;
}

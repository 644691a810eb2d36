/**
 * Unbounded parameters of stationary and invertible seasonal ARMA models: each block's partial autocorrelations through
 * the hyperbolic tangent (Jones 1980).
 */
import { type Arma, type ArimaOrder, fromPartial, product, stepDown } from './polynomial.ts';

export interface Blocks {
  readonly phi: Float64Array;
  readonly theta: Float64Array;
  readonly seasonalPhi: Float64Array;
  readonly seasonalTheta: Float64Array;
}

export function parameterCount({ p, q, P, Q }: ArimaOrder): number {
  return p + q + P + Q;
}

/** Partial autocorrelations stay this far inside of ±1. */
const REACH = 0.9999;

export function blocks(free: Float64Array, { p, q, P, Q }: ArimaOrder): Blocks {
  const block = (from: number, count: number): Float64Array =>
    fromPartial(free.slice(from, from + count).map((x) => REACH * Math.tanh(x)));
  const opposite = (phi: Float64Array): Float64Array => phi.map((x) => -x);
  return {
    phi: block(0, p),
    theta: opposite(block(p, q)),
    seasonalPhi: block(p + q, P),
    seasonalTheta: opposite(block(p + q + P, Q)),
  };
}

export function armaOf({ phi, theta, seasonalPhi, seasonalTheta }: Blocks, season: number): Arma {
  return {
    ar: product(phi, seasonalPhi, { season, sign: -1 }),
    ma: product(theta, seasonalTheta, { season, sign: 1 }),
  };
}

/** The unbounded parameters that give these blocks; undefined outside of the stationary and invertible region. */
export function freeOf({ phi, theta, seasonalPhi, seasonalTheta }: Blocks): Float64Array | undefined {
  const negated = (values: Float64Array): Float64Array => values.map((x) => -x);
  const parts = [phi, negated(theta), seasonalPhi, negated(seasonalTheta)].map((block) => {
    const orders = stepDown(block);
    return orders?.map((order) => Math.atanh(Math.max(-0.999, Math.min(0.999, order.at(-1) ?? 0))));
  });
  if (parts.some((part) => part === undefined)) return undefined;
  return Float64Array.from(parts.flatMap((part) => part ?? []));
}

/** Whether every root of every block lies outside of the circle of radius `radius` (above 1: with a margin). */
export function rootsBeyond({ phi, theta, seasonalPhi, seasonalTheta }: Blocks, radius: number): boolean {
  const beyond = (block: Float64Array, sign: 1 | -1): boolean =>
    stepDown(block.map((x, j) => sign * x * radius ** (j + 1))) !== undefined;
  return beyond(phi, 1) && beyond(theta, -1) && beyond(seasonalPhi, 1) && beyond(seasonalTheta, -1);
}

/** Ordinary and seasonal differences, and the way back. NaN stays NaN. */
import { type ArimaOrder, product } from './polynomial.ts';

/** (1 − B)ᵈ(1 − Bᵐ)ᴰ applied; shorter by d + D·m. */
export function difference(
  values: Float64Array,
  { d, D, m }: Pick<ArimaOrder, 'd' | 'D' | 'm'>,
): Float64Array {
  let current = values;
  for (let i = 0; i < D; i++) current = over(current, m);
  for (let i = 0; i < d; i++) current = over(current, 1);
  return current;
}

function over(values: Float64Array, lag: number): Float64Array {
  return Float64Array.from(
    { length: Math.max(values.length - lag, 0) },
    (_, t) => (values[t + lag] ?? Number.NaN) - (values[t] ?? Number.NaN),
  );
}

/** The coefficients of past levels in the next one: y[t] = w[t] + Σδⱼ·y[t−j]. */
export function integration({ d, D, m }: Pick<ArimaOrder, 'd' | 'D' | 'm'>): Float64Array {
  let delta: Float64Array = new Float64Array();
  for (let i = 0; i < D; i++) delta = times(delta, m);
  for (let i = 0; i < d; i++) delta = times(delta, 1);
  return delta;
}

/** The polynomial times (1 − Bˡᵃᵍ). */
function times(delta: Float64Array, lag: number): Float64Array {
  return product(delta, Float64Array.of(1), { season: lag, sign: -1 });
}

/** Levels of forecast differences, from the last levels (finite). */
export function integrate(
  history: Float64Array,
  changes: Float64Array,
  order: Pick<ArimaOrder, 'd' | 'D' | 'm'>,
): Float64Array {
  const delta = integration(order);
  const path = new Float64Array(delta.length + changes.length);
  path.set(history.subarray(history.length - delta.length));
  for (let h = 0; h < changes.length; h++) {
    let level = changes[h] ?? 0;
    for (let j = 1; j <= delta.length; j++) {
      const weight = delta[j - 1] ?? 0;
      if (weight !== 0) level += weight * (path[delta.length + h - j] ?? 0);
    }
    path[delta.length + h] = level;
  }
  return path.slice(delta.length);
}

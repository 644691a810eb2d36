import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coefficients, factor } from './least-squares.ts';
import { lagEquations } from './lag-products.ts';

/** Σ a·b over the rows of a regression on lags, the plain way. */
function product(
  values: readonly number[],
  start: number,
  [a, b]: readonly [number | undefined, number | undefined],
): number {
  const column = (lag: number | undefined, t: number) =>
    lag === undefined ? 1 : (values[t - lag] ?? Number.NaN);
  let sum = 0;
  for (let t = start; t < values.length; t++) sum += column(a, t) * column(b, t);
  return sum;
}

it('sums the products of lags as the plain way does, in any order of lags', () => {
  const lagSets = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
  const series = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 15, maxLength: 40 });
  fc.assert(
    fc.property(series, lagSets, (values, lags) => {
      const { size, matrix, right, total } = lagEquations(Float64Array.from(values), lags);
      const start = Math.max(...lags);
      const columns = [undefined, ...lags];
      columns.forEach((a, i) => {
        expect(Math.abs((right[i] ?? 0) - product(values, start, [0, a]))).toBeLessThan(1e-7);
        columns.forEach((b, j) => {
          expect(Math.abs((matrix[i * size + j] ?? 0) - product(values, start, [a, b]))).toBeLessThan(1e-7);
        });
      });
      expect(Math.abs(total - product(values, start, [0, 0]))).toBeLessThan(1e-7);
    }),
  );
});

it('finds the coefficients that made a series, and that later lags add nothing', () => {
  const values = [1, 3];
  for (let t = 2; t < 60; t++) values.push(2 + 0.5 * (values[t - 1] ?? 0) - 0.7 * (values[t - 2] ?? 0));
  const factored = factor(lagEquations(Float64Array.from(values), [1, 2]), 0);
  const found = coefficients(factored, 3);
  [2, 0.5, -0.7].forEach((expected, index) => {
    expect(found[index]).toBeCloseTo(expected, 6);
  });
  expect(factored.residual[3]).toBeLessThan(1e-6);
  expect(factored.residual[2]).toBeGreaterThan(0.1);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addShifted,
  bucketOf,
  gaussianKernel,
  logGrid,
  quantileBucket,
  shareAbove,
  spread,
  upperBound,
} from './log-histogram.ts';
import golden from './testdata/golden.json' with { type: 'json' };

const grid = logGrid(0.01, 100, 1.01);
const samples = fc.array(fc.double({ min: 0.011, max: 99, noNaN: true }), { minLength: 1, maxLength: 60 });

function histogramOf(values: readonly number[]): Float64Array {
  const weights = new Float64Array(grid.buckets);
  for (const value of values) {
    const bucket = bucketOf(grid, value);
    weights[bucket] = (weights[bucket] ?? 0) + 1;
  }
  return weights;
}

function sum(weights: Float64Array): number {
  return weights.reduce((total, weight) => total + weight, 0);
}

describe('a logarithmic histogram', () => {
  it('agrees with numpy on decayed quantiles', () => {
    const { values, agesDays, min, growth, cases } = golden.histogram;
    const wide = logGrid(min, 20, growth);
    for (const { halfLifeDays, q, exact, upperBound: expected } of cases) {
      const weights = new Float64Array(wide.buckets);
      for (const [i, value] of values.entries()) {
        const bucket = bucketOf(wide, value);
        weights[bucket] = (weights[bucket] ?? 0) + 0.5 ** ((agesDays[i] ?? 0) / halfLifeDays);
      }
      const found = upperBound(wide, quantileBucket(weights, q));
      expect(found).toBeCloseTo(expected, 9);
      expect(found / exact).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(found / exact).toBeLessThan(growth);
    }
  });

  it('puts every value into the bucket that closes at or above it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.0101, max: 99, noNaN: true }), (value) => {
        const bucket = bucketOf(grid, value);
        expect(upperBound(grid, bucket)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
        expect(upperBound(grid, bucket - 1)).toBeLessThan(value * (1 + 1e-9));
      }),
    );
  });

  it('keeps what lies outside the grid in its outermost buckets', () => {
    expect([0, -1, Number.NaN, 0.01].map((value) => bucketOf(grid, value))).toEqual([0, 0, 0, 0]);
    expect(bucketOf(grid, 1e9)).toBe(grid.buckets - 1);
  });

  it('finds quantiles to one percent of the exact ones', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(q * values.length * (1 - 1e-12)) - 1] ?? Number.NaN;
        const found = upperBound(grid, quantileBucket(histogramOf(values), q));
        expect(found / exact).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(found / exact).toBeLessThanOrEqual(1.01 + 1e-9);
      }),
    );
  });

  it('has no quantile and no share without weight', () => {
    const empty = new Float64Array(grid.buckets);
    expect(quantileBucket(empty, 0.5)).toBe(-1);
    expect(shareAbove(grid, empty, 1)).toBeNaN();
  });

  it('counts the share above a value', () => {
    expect(shareAbove(grid, histogramOf([1, 1, 2, 50]), 1.5)).toBe(0.5);
    expect(shareAbove(grid, histogramOf([1, 1, 2, 50]), 60)).toBe(0);
  });

  it('loses no weight when it is shifted or spread, not even at the ends', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: -2000, max: 2000 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        (values, shift, sigma) => {
          const source = histogramOf(values);
          const target = new Float64Array(grid.buckets);
          addShifted(target, source, { weight: 0.5, shift });
          expect(sum(target)).toBeCloseTo(values.length / 2, 9);
          spread(target, source, gaussianKernel(sigma));
          expect(sum(target)).toBeCloseTo(values.length, 9);
        },
      ),
    );
  });

  it('moves quantiles by exactly the shift', () => {
    const source = histogramOf([1, 2, 3, 4]);
    const target = new Float64Array(grid.buckets);
    addShifted(target, source, { weight: 1, shift: 7 });
    expect(quantileBucket(target, 0.5)).toBe(quantileBucket(source, 0.5) + 7);
  });
});

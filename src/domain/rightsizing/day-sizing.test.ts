import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, logGrid, shareAbove } from '../statistics/log-histogram.ts';
import { cheapestCover } from './day-sizing.ts';

const grid = logGrid(0.01, 100, 1.01);
const price = { overPrice: 8, maxOverShare: 0.05 };

function distribution(parts: readonly (readonly [value: number, share: number])[]): Float64Array {
  const weights = new Float64Array(grid.buckets);
  for (const [value, share] of parts) weights[bucketOf(grid, value)] = share;
  return weights;
}

describe('the cheapest cover', () => {
  it('covers flat usage whole', () => {
    expect(cheapestCover(grid, distribution([[1, 0.97], [1.1, 0.03]]), price)).toBeCloseTo(1.1, 1); // prettier-ignore
  });

  it('leaves rare bursts out where covering them is dear', () => {
    expect(cheapestCover(grid, distribution([[1, 0.97], [4, 0.03]]), price)).toBeCloseTo(1, 1); // prettier-ignore
  });

  it('covers bursts that are frequent, however dear', () => {
    expect(cheapestCover(grid, distribution([[1, 0.9], [4, 0.1]]), price)).toBeCloseTo(4, 1); // prettier-ignore
  });

  it('covers more, the more harm costs, and never leaves more out than allowed', () => {
    const shares = fc.array(
      fc.tuple(fc.double({ min: 0.02, max: 90, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true })),
      { minLength: 1 },
    );
    const prices = fc.tuple(
      fc.double({ min: 0, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 50, noNaN: true }),
    );
    fc.assert(
      fc.property(shares, prices, (parts, [a, b]) => {
        const weights = distribution(parts);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const forecast = weights.map((weight) => weight / total);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((overPrice) =>
          cheapestCover(grid, forecast, { ...price, overPrice }),
        );
        expect(low).toBeLessThanOrEqual(high ?? 0);
        expect(shareAbove(grid, forecast, low ?? 0)).toBeLessThanOrEqual(0.05 + 1e-9);
      }),
    );
  });
});

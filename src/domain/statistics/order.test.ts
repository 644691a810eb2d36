import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largest, mean, median, quantile, quantileOfSorted, sortedFinite } from './order.ts';
import golden from './testdata/golden.json' with { type: 'json' };

const unknown = Number.NaN;

describe('order statistics', () => {
  it('agree with numpy', () => {
    const values = Float64Array.from(golden.quantile.values);
    for (const [q = 0, expected] of golden.quantile.cases)
      expect(quantile(values, q)).toBeCloseTo(expected ?? unknown, 12);
  });

  it('leave out what is unknown', () => {
    const gappy = Float64Array.of(unknown, 3, unknown, 1, Number.POSITIVE_INFINITY, 2);
    expect([...sortedFinite(gappy)]).toEqual([1, 2, 3]);
    expect([median(gappy), mean(gappy), largest(gappy)]).toEqual([2, 2, 3]);
  });

  it('know nothing of nothing', () => {
    const nothing = Float64Array.of(unknown, unknown);
    expect([median(nothing), mean(nothing), largest(nothing), quantile(new Float64Array(0), 0.5)]).toEqual([
      unknown,
      unknown,
      unknown,
      unknown,
    ]);
  });

  it('are the same with and without sorting, and leave the values as they were', () => {
    const values = fc.float64Array({ minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
        const before = all.slice();
        // Adding zero makes the two zeros one.
        expect(quantile(all, q) + 0).toEqual(quantileOfSorted(sortedFinite(all), q) + 0);
        expect(all).toEqual(before);
      }),
    );
    const ties = Float64Array.of(2, 1, 2, 1, 2, 1, 1, 2);
    expect(median(ties)).toBe(1.5);
  });

  it('lie between the smallest and the largest value, in the order of their shares', () => {
    const values = fc.float64Array({
      minLength: 1,
      maxLength: 50,
      noNaN: true,
      noDefaultInfinity: true,
      min: -1e6,
      max: 1e6,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, share, (all, a, b) => {
        const [low, high] = [quantile(all, Math.min(a, b)), quantile(all, Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high + 1e-6);
        expect(high).toBeLessThanOrEqual(largest(all));
      }),
    );
  });
});

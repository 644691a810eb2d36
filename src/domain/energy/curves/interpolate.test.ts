import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { risingKnots, smooth, straight } from './interpolate.ts';

const rising = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 100, noNaN: true })), {
    minLength: 2,
    maxLength: 9,
  })
  .map((steps) => {
    let [x, y] = [0, 50];
    return steps.map(([dx, dy]) => ({ x: (x += dx), y: (y += dy) }));
  });

describe('curves through points', () => {
  test.each([
    ['straight', straight],
    ['smooth', smooth],
  ])('%s ones meet every point and never fall where the points do not', (_name, curve) => {
    fc.assert(
      fc.property(rising, (points) => {
        const through = curve(points);
        for (const { x, y } of points) expect(through(x)).toBeCloseTo(y, 6);
        const [from, to] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
        const values = Array.from({ length: 101 }, (_, step) => through(from + ((to - from) * step) / 100));
        values.slice(1).forEach((value, index) => {
          expect(value).toBeGreaterThanOrEqual((values[index] ?? 0) - 1e-9);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('smooth ones are straight lines where the points are on one', () => {
    const through = smooth([0, 20, 50, 100].map((x) => ({ x, y: 3 * x + 7 })));
    for (const x of [-10, 5, 33, 80, 110]) expect(through(x)).toBeCloseTo(3 * x + 7, 9);
  });
});

describe('knots', () => {
  test('are means of neighbouring points, made never falling', () => {
    const knots = risingKnots(
      [5, 1, 4, 2, 3].map((x) => ({ x, y: x === 3 ? 0 : 10 * x })),
      5,
    );
    expect(knots).toEqual([
      { x: 1, y: 10 },
      { x: 2.5, y: 10 },
      { x: 4, y: 40 },
      { x: 5, y: 50 },
    ]);
  });

  test('keep points of one load together', () => {
    const points = [10, 10, 10, 20, 20, 30].map((x) => ({ x, y: x }));
    expect(risingKnots(points, 6).map(({ x }) => x)).toEqual([10, 20, 30]);
  });
});

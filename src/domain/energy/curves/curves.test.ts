import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseCurve } from './choose.ts';
import { tabulate, wattsAt } from './curve.ts';
import { CURVE_FITS } from './fits.ts';
import { learnedShape } from './learned-shape.ts';
import { fractionsOf, shapedCurve } from './shape.ts';
import { SHAPE } from './shape-numbers.ts';

function points(loads: readonly number[], watts: (percent: number) => number) {
  return loads.map((x) => ({ x, y: watts(x) }));
}

const EVERY_TEN = Array.from({ length: 11 }, (_, step) => 10 * step);

describe('a table of watts', () => {
  test('is straight between whole percents, never falls, and holds its ends', () => {
    const table = tabulate('cubic', (percent) => (percent < 50 ? 100 - percent : percent));
    expect(wattsAt(table, 0)).toBe(100);
    expect(wattsAt(table, 100)).toBe(100);
    expect(
      wattsAt(
        tabulate('line', (percent) => 2 * percent),
        12.25,
      ),
    ).toBeCloseTo(24.5, 12);
    expect(wattsAt(table, -5)).toBe(wattsAt(table, 0));
    expect(wattsAt(table, 140)).toBe(wattsAt(table, 100));
  });
});

describe('the shape of a server', () => {
  test('goes from 0 to 1 without falling, whatever idle and maximum are', () => {
    const watts = fc.double({ min: 0.01, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(watts, watts, (a, b) => {
        fc.pre(a !== b);
        const fractions = fractionsOf({ idleWatts: Math.min(a, b), maxWatts: Math.max(a, b) });
        expect(fractions).toHaveLength(11);
        expect([fractions[0], fractions[10]]).toEqual([0, 1]);
        expect(fractions).toEqual([...fractions].sort((x, y) => x - y));
      }),
    );
  });

  test('does not jump between servers that are nearly alike', () => {
    const watts = fc.double({ min: 40, max: 3000, noNaN: true });
    fc.assert(
      fc.property(watts, fc.double({ min: 0.1, max: 0.75, noNaN: true }), (maxWatts, ratio) => {
        const a = fractionsOf({ idleWatts: ratio * maxWatts, maxWatts });
        const b = fractionsOf({ idleWatts: ratio * maxWatts * 1.001, maxWatts: maxWatts * 1.001 });
        a.forEach((fraction, step) => {
          expect(Math.abs(fraction - (b[step] ?? 0))).toBeLessThan(0.01);
        });
      }),
    );
  });
});

describe('a shape learnt from a node’s own points', () => {
  const node = { idleWatts: 100, maxWatts: 420 };

  test('is the shape of its kind where the points say the same', () => {
    const kind = shapedCurve(node);
    const found = learnedShape(points([0, 30, 70, 100], kind));
    for (const load of EVERY_TEN) expect(Math.abs((found?.(load) ?? 0) - kind(load))).toBeLessThan(2);
  });

  test('follows points that stray from its kind', () => {
    const kind = shapedCurve(node);
    const stray = SHAPE.residuals[0];
    const own = (percent: number): number =>
      kind(percent) + 320 * 1.5 * (stray?.sd ?? 0) * (stray?.shape[percent / 10] ?? 0);
    const found = learnedShape(points([0, 20, 50, 80, 100], own));
    for (const load of EVERY_TEN)
      expect(Math.abs((found?.(load) ?? 0) - own(load)) / own(load)).toBeLessThan(0.02);
    expect(Math.abs(own(50) - kind(50)) / own(50)).toBeGreaterThan(0.02);
  });

  test('knows what idle is where the node was never idle', () => {
    const kind = shapedCurve(node);
    const found = learnedShape(points([15, 30, 45, 60, 75], kind));
    expect(Math.abs((found?.(0) ?? 0) - 100)).toBeLessThan(12);
    expect(Math.abs((found?.(100) ?? 0) - 420)).toBeLessThan(25);
  });

  test('needs two points that differ', () => {
    expect(learnedShape([{ x: 10, y: 100 }])).toBeUndefined();
    expect(learnedShape(points([50, 50, 50], () => 100))).toBeUndefined();
  });
});

describe('the choice of a shape', () => {
  test.each([
    ['power-law', (percent: number) => 80 + 160 * (percent / 100) ** 0.5],
    [
      'cubic',
      (percent: number) =>
        60 + 300 * (percent / 100) - 520 * (percent / 100) ** 2 + 400 * (percent / 100) ** 3,
    ],
  ] as const)('is no worse than %s where the node is one', (family, watts) => {
    const found = chooseCurve(
      points(
        Array.from({ length: 21 }, (_, step) => 5 * step),
        watts,
      ),
    );
    const own = found?.scores.find((score) => score.family === family);
    expect(own?.relativeError).toBeLessThan(0.01);
    expect(found?.chosen).toBeDefined();
    expect(found?.scores[0]?.relativeError).toBeLessThan(0.01);
  });

  test('compares every shape, best first', () => {
    const scores = chooseCurve(points(EVERY_TEN, (percent) => 100 + 20 * Math.sqrt(percent)))?.scores ?? [];
    expect(scores.map(({ family }) => family).sort()).toEqual(Object.keys(CURVE_FITS).sort());
    const errors = scores.map(({ expectedError }) => expectedError);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
  });

  test('is not made with nothing between the ends', () => {
    expect(chooseCurve(points([0, 100], (percent) => 50 + percent))).toBeUndefined();
  });

  test('trusts no plain curve beyond what was measured', () => {
    const found = chooseCurve(
      points([20, 35, 50, 65, 80], (percent) => 100 + 2 * percent + 0.01 * percent ** 2),
    );
    expect(['learned-shape', undefined]).toContain(found?.chosen?.family);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrationOfLimits } from './limits.ts';
import { nodePowerWatts } from './stages.ts';

describe('a node of which only idle and maximum watts are known', () => {
  test('draws idle at 0 %, maximum at 100 %, and never less at more load', () => {
    const watts = fc.double({ min: 0.1, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(watts, watts, (a, b) => {
        fc.pre(a !== b);
        const [idleWatts, maxWatts] = [Math.min(a, b), Math.max(a, b)];
        const found = calibrationOfLimits(idleWatts, maxWatts);
        if (found.kind === 'invalid') throw new Error('refused');
        const curve = Array.from({ length: 101 }, (_, util) => nodePowerWatts(util, found.calibration));
        expect(curve[0]).toBeCloseTo(idleWatts, 6);
        expect(curve[100]).toBeCloseTo(maxWatts, 6);
        expect(curve).toEqual([...curve].sort((x, y) => x - y));
      }),
    );
  });

  test('bends as servers of its kind: steep at first where it is large and idles at a fifth', () => {
    const found = calibrationOfLimits(110, 520);
    if (found.kind === 'invalid') throw new Error('refused');
    const fraction = (util: number): number => (nodePowerWatts(util, found.calibration) - 110) / 410;
    expect(fraction(10)).toBeGreaterThan(0.14);
    expect(fraction(50)).toBeLessThan(0.5);
    expect(found.calibration.nodePowerCurve?.residualSdWatts).toBeGreaterThan(10);
  });

  test.each([
    [100, 100, 'maxWatts out-of-range'],
    [200, 100, 'maxWatts out-of-range'],
    [0, 100, 'idleWatts out-of-range'],
    [100, Number.NaN, 'maxWatts not-finite'],
  ])('is refused with %d and %d W', (idleWatts, maxWatts, expected) => {
    const found = calibrationOfLimits(idleWatts, maxWatts);
    expect(found.kind === 'invalid' && found.problems.map(({ field, code }) => `${field} ${code}`)).toEqual([
      expected,
    ]);
  });
});

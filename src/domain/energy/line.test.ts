import { describe, expect, test } from 'vitest';
import { fitLine, predictionSd } from './line.ts';

const X = [0, 10, 25, 40, 60, 75, 90, 100];
const Y = [54.1, 62, 71.3, 84.9, 96.2, 109.5, 118, 127.7];
const POINTS = X.map((x, index) => ({ x, y: Y[index] ?? Number.NaN }));

describe('a fitted line', () => {
  test('agrees with scipy.stats.linregress', () => {
    const fit = fitLine(POINTS);
    expect(fit.slope).toBeCloseTo(0.7241450777202073, 12);
    expect(fit.intercept).toBeCloseTo(54.25524611398963, 10);
    expect(fit.rSquared).toBeCloseTo(0.9979385914064597, 12);
    expect(fit.slopeStandardError).toBeCloseTo(0.01343631231482868, 12);
    expect(fit.interceptStandardError).toBeCloseTo(0.817988965973177, 10);
    expect(fit.residualSd).toBeCloseTo(1.3199082601448568, 10);
    expect(predictionSd(fit, 50)).toBeCloseTo(1.3999741219388488, 10);
  });

  test('through two points has no residual to tell, and says so', () => {
    const fit = fitLine([
      { x: 0, y: 54 },
      { x: 50, y: 85.2 },
    ]);
    expect(fit.points).toBe(2);
    expect(fit.intercept).toBeCloseTo(54, 12);
    expect(fit.slope).toBeCloseTo(0.624, 12);
    expect(fit.residualSd).toBeUndefined();
    expect(predictionSd(fit, 25)).toBe(0);
  });

  test('keeps its slope where x is large and hardly spreads', () => {
    const fit = fitLine([0, 1, 2, 3].map((x) => ({ x: 1e8 + x, y: 5 + 2 * x })));
    expect(fit.slope).toBeCloseTo(2, 9);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorModel } from './error-model.ts';
import { censoredCentre, SCENARIOS, scenarios } from './scenarios.ts';

const STEPS = 20;

function meansOf(level: number, sd: Float64Array): Float64Array {
  // As many degrees of freedom as make Student’s t a normal distribution.
  const error = { ...errorModel({ sd, samples: 200, backtest: undefined }), degreesOfFreedom: 1e6 };
  const futures = scenarios({ pathCores: new Float64Array(STEPS).fill(level), error });
  return Float64Array.from(futures, ({ cores }) => mean(cores));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

describe('futures', () => {
  test('are the same every time, none negative', () => {
    const sd = new Float64Array(STEPS).fill(0.4);
    const error = errorModel({ sd, samples: 100, backtest: undefined });
    const path = { pathCores: new Float64Array(STEPS).fill(0.2), error };
    const found = scenarios(path);
    expect(found).toHaveLength(SCENARIOS);
    expect(found).toEqual(scenarios(path));
    expect(found.every(({ cores }) => cores.every((value) => value >= 0))).toBe(true);
  });

  test('average to the forecast, also close to 0', () => {
    const flat = new Float64Array(STEPS).fill(0.1);
    for (const level of [0.02, 0.1, 0.5, 3])
      expect(Math.abs(mean(meansOf(level, flat)) - level)).toBeLessThan(0.01);
  });

  test('of steps that are independent average out, those of a random walk do not', () => {
    const independent = deviation(meansOf(5, new Float64Array(STEPS).fill(0.1)));
    const walk = deviation(
      meansOf(
        5,
        Float64Array.from({ length: STEPS }, (_, step) => 0.1 * Math.sqrt(step + 1)),
      ),
    );
    expect(independent).toBeCloseTo(0.1 / Math.sqrt(STEPS), 2);
    // Var of the mean of a walk: σ²·(h + 1)(2h + 1)/(6h).
    const expected = 0.1 * Math.sqrt(((STEPS + 1) * (2 * STEPS + 1)) / (6 * STEPS));
    expect(Math.abs(walk - expected) / expected).toBeLessThan(0.15);
  });
});

test('the censored normal distribution keeps the mean that it is asked for', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      (wanted, sd) => {
        fc.pre(wanted > 0.02 * sd);
        const centre = censoredCentre(wanted, sd);
        const steps = Array.from({ length: 4000 }, (_, k) => -8 + (16 * (k + 0.5)) / 4000);
        const found =
          steps.reduce(
            (sum, z) => sum + Math.max(0, centre + sd * z) * Math.exp((-z * z) / 2) * (16 / 4000),
            0,
          ) / Math.sqrt(2 * Math.PI);
        expect(Math.abs(found - wanted)).toBeLessThan(0.01 * sd);
      },
    ),
    { numRuns: 50 },
  );
});

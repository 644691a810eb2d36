import { describe, expect, test } from 'vitest';
import { type BacktestReport } from '#domain/forecasting/forecast.ts';
import { errorModel } from './error-model.ts';

const STEPS = 10;

/** Paths of errors made from shocks that carry on by φ. */
function backtest(phi: number, common = 0): BacktestReport {
  let state = 7;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const errors = Array.from({ length: 40 }, () => {
    const lean = common * normal();
    let carried = normal();
    return Float64Array.from({ length: STEPS }, () => {
      carried = phi * carried + Math.sqrt(1 - phi * phi) * normal();
      return lean + carried;
    });
  });
  const perStep = new Float64Array(STEPS).fill(0.8);
  return {
    origins: 40,
    meanAbsoluteError: 0.8,
    weightedPercentageError: 0.1,
    perStep,
    errors,
    independentPaths: 20,
  };
}

const flat = new Float64Array(STEPS).fill(1);

describe('how errors hang together', () => {
  test('is read off the errors of backtests', () => {
    const [independent, lasting] = [0, 0.9].map((phi) =>
      errorModel({ sd: flat, samples: 200, backtest: backtest(phi) }),
    );
    expect(independent?.weights[1]).toBeLessThan(0.4);
    expect(lasting?.weights[1]).toBeGreaterThan(0.85);
    expect(lasting?.degreesOfFreedom).toBeLessThan(independent?.degreesOfFreedom ?? 0);
  });

  test('has a part that moves whole paths where backtests leaned one way as a whole', () => {
    expect(errorModel({ sd: flat, samples: 200, backtest: backtest(0, 3) }).scale).toBeGreaterThan(1);
    expect(errorModel({ sd: flat, samples: 200, backtest: backtest(0) }).scale).toBe(1);
  });

  test('is implied by growing deviations where there is no backtest', () => {
    const sd = Float64Array.from({ length: STEPS }, (_, step) => Math.sqrt(step + 1));
    const { weights } = errorModel({ sd, samples: 20, backtest: undefined });
    weights.forEach((weight) => {
      expect(weight).toBeCloseTo(1, 9);
    });
    expect([...errorModel({ sd: flat, samples: 20, backtest: undefined }).weights]).toEqual([
      1,
      ...new Array<number>(STEPS - 1).fill(0),
    ]);
  });

  test('is nothing where there are no errors', () => {
    const { sd, scale } = errorModel({ sd: new Float64Array(STEPS), samples: 90, backtest: undefined });
    expect(sd.every((each) => each === 0)).toBe(true);
    expect(scale).toBe(1);
  });
});

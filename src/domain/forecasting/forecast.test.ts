import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecast, type Forecast, type ForecastOptions } from './forecast.ts';
import { jitter } from './testdata.ts';

function forecastOf(series: ArrayLike<number>, options: ForecastOptions): Forecast {
  const found = forecast(series, options);
  if (found.kind === 'unknown') throw new Error(found.reason);
  return found;
}

function daily(length: number, { noise = 0.5, season = 24 } = {}): Float64Array {
  const random = jitter(7);
  return Float64Array.from(
    { length },
    (_, t) => 20 + 8 * Math.sin((2 * Math.PI * t) / season) + noise * (random() - 0.5),
  );
}

function largestError(points: Float64Array, truth: Float64Array): number {
  return Math.max(...points.map((value, h) => Math.abs(value - (truth[h] ?? Number.NaN))));
}

describe('a forecast', () => {
  it('repeats a season that it was told of, and beats the noise', () => {
    const series = daily(24 * 20);
    const { points, backtest } = forecastOf(series, { horizon: 24, seasonLengths: [24] });
    expect(largestError(points, daily(24 * 21, { noise: 0 }).subarray(24 * 20))).toBeLessThan(0.5);
    expect(backtest?.meanAbsoluteError).toBeLessThan(0.3);
    expect(backtest?.perStep).toHaveLength(24);
  });

  it('finds the season by itself', () => {
    const { points, seasonLengths } = forecastOf(daily(400, { season: 30 }), { horizon: 30 });
    expect(seasonLengths[0]).toBe(30);
    expect(largestError(points, daily(430, { noise: 0, season: 30 }).subarray(400))).toBeLessThan(0.6);
  });

  it('continues a trend', () => {
    const series = Float64Array.from({ length: 200 }, (_, t) => 5 + 0.3 * t);
    const { points } = forecastOf(series, { horizon: 10 });
    expect(
      largestError(
        points,
        Float64Array.from({ length: 10 }, (_, h) => 5 + 0.3 * (200 + h)),
      ),
    ).toBeLessThan(0.5);
  });

  it('answers for a constant with that constant, and says so', () => {
    const { points, intervals, notes } = forecastOf(new Float64Array(90).fill(0.8), { horizon: 5 });
    expect([...points]).toEqual([0.8, 0.8, 0.8, 0.8, 0.8]);
    expect([...(intervals[1]?.upper ?? [])]).toEqual([...points]);
    expect(notes.map(({ kind }) => kind)).toEqual(['constant']);
  });

  it('answers for all zeros with zero', () => {
    expect([...forecastOf(new Float64Array(50), { horizon: 2 }).points]).toEqual([0, 0]);
  });

  it('answers for three values, without a backtest, in wide intervals', () => {
    const { points, intervals, backtest, notes } = forecastOf([1, 2, 3], { horizon: 4 });
    expect(points.every((value) => value >= 1 && value <= 4)).toBe(true);
    expect((intervals[1]?.upper[3] ?? 0) - (intervals[1]?.lower[3] ?? 0)).toBeGreaterThan(2);
    expect(backtest).toBeUndefined();
    expect(notes.at(-1)?.kind).toBe('no-backtest');
  });

  it.each([
    ['an empty series', []],
    ['nothing but gaps', [Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]],
    ['two values', [1, 2]],
    ['mostly gaps', Array.from({ length: 100 }, (_, t) => (t % 10 === 0 ? t : Number.NaN))],
    ['numbers too large to square', [1e200, 2e200, 3e200]],
  ])('says unknown, and why, of %s', (_, series) => {
    const found = forecast(series, { horizon: 3 });
    expect(found.kind).toBe('unknown');
    expect(found.kind === 'unknown' ? found.reason.length : 0).toBeGreaterThan(10);
  });

  it('fills gaps, and tells how many', () => {
    const series = daily(480);
    for (let t = 100; t < 130; t++) series[t] = Number.NaN;
    const { points, notes } = forecastOf(series, { horizon: 24, seasonLengths: [24] });
    expect(largestError(points, daily(504, { noise: 0 }).subarray(480))).toBeLessThan(0.6);
    expect(notes[0]?.text).toContain('30 of 480');
  });

  it('forecasts over values that have not come in yet', () => {
    const series = daily(480);
    series.fill(Number.NaN, 474);
    const { points, notes } = forecastOf(series, { horizon: 6, seasonLengths: [24] });
    expect(largestError(points, daily(486, { noise: 0 }).subarray(480))).toBeLessThan(0.6);
    expect(notes.map(({ kind }) => kind)).toEqual(['stale-end']);
  });

  it('is not led astray by one absurd value', () => {
    const series = daily(480);
    series[470] = 1e6;
    const { points, notes } = forecastOf(series, { horizon: 6, seasonLengths: [24] });
    expect(largestError(points, daily(486, { noise: 0 }).subarray(480))).toBeLessThan(0.6);
    expect(notes.map(({ kind }) => kind)).toEqual(['outliers']);
  });

  it('stands on the new level after a jump', () => {
    const series = daily(480).map((value, t) => (t < 400 ? value : value + 50));
    const { points, notes } = forecastOf(series, { horizon: 6, seasonLengths: [24] });
    expect(
      largestError(
        points,
        daily(486, { noise: 0 })
          .subarray(480)
          .map((value) => value + 50),
      ),
    ).toBeLessThan(3);
    expect(notes.map(({ kind }) => kind)).toEqual(['level-shift']);
  });

  it('does not fall below zero where nothing ever did, nor beyond limits that it is given', () => {
    const random = jitter(3);
    const series = Float64Array.from({ length: 300 }, () => Math.max(0, random() - 0.6));
    const { points, intervals } = forecastOf(series, { horizon: 12, limits: { most: 0.3 } });
    expect(points.every((value) => value >= 0 && value <= 0.3)).toBe(true);
    expect(
      intervals.every(({ lower, upper }) => lower.every((x) => x >= 0) && upper.every((x) => x <= 0.3)),
    ).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 10_001])('refuses a horizon of %s', (horizon) => {
    expect(() => forecast([1, 2, 3], { horizon })).toThrow(RangeError);
  });

  it.each([0, 1, 95, Number.NaN])('refuses a level of %s', (level) => {
    expect(() => forecast([1, 2, 3], { horizon: 1, levels: [level] })).toThrow(RangeError);
  });

  it('tries everything when it may take its time', () => {
    const { models, points } = forecastOf(daily(100, { season: 6 }), {
      horizon: 12,
      seasonLengths: [6],
      effort: 'thorough',
    });
    expect(models.length).toBeGreaterThan(1);
    expect(models.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 10);
    expect(largestError(points, daily(112, { noise: 0, season: 6 }).subarray(100))).toBeLessThan(0.6);
  }, 60_000);
});

const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, 1e150, -1e12, 5e-324) },
);

describe('whatever is forecast', () => {
  it('is finite, inside its intervals, and wider at higher levels', () => {
    const anySeries = fc.array(value, { maxLength: 90 });
    fc.assert(
      fc.property(anySeries, fc.integer({ min: 1, max: 20 }), (series, horizon) => {
        const found = forecast(series, { horizon, levels: [0.5, 0.9], seasonLengths: [7], effort: 'quick' });
        if (found.kind === 'unknown') return;
        const [narrow, wide] = found.intervals;
        expect(found.points).toHaveLength(horizon);
        found.points.forEach((point, h) => {
          const bounds = [wide?.lower[h], narrow?.lower[h], point, narrow?.upper[h], wide?.upper[h]];
          expect(bounds.every(Number.isFinite)).toBe(true);
          expect(bounds).toEqual(bounds.toSorted((a = 0, b = 0) => a - b));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('scales with the unit', () => {
    const series = daily(300);
    const options = { horizon: 5, seasonLengths: [24], effort: 'quick' } as const;
    const plain = forecastOf(series, options);
    const scaled = forecastOf(
      series.map((x) => x * 1000),
      options,
    );
    plain.points.forEach((point, h) => {
      expect((scaled.points[h] ?? 0) / 1000).toBeCloseTo(point, 4);
    });
  });

  it('holds about as many outcomes within 90 % intervals as it says', () => {
    let [inside, all] = [0, 0];
    for (let seed = 1; seed <= 40; seed++) {
      const random = jitter(seed);
      let state = 0;
      const series = Float64Array.from(
        { length: 306 },
        () => (state = 0.7 * state + random() + random() - 1),
      );
      const { intervals } = forecastOf(series.subarray(0, 300), {
        horizon: 6,
        levels: [0.9],
        seasonLengths: [],
        effort: 'quick',
      });
      series.subarray(300).forEach((truth, h) => {
        all++;
        if (truth >= (intervals[0]?.lower[h] ?? 0) && truth <= (intervals[0]?.upper[h] ?? 0)) inside++;
      });
    }
    expect(inside / all).toBeGreaterThan(0.83);
    expect(inside / all).toBeLessThan(0.97);
  });
});

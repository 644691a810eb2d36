import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileBucket, upperBound } from '../statistics/log-histogram.ts';
import { dailyCycle, endOf, recorded, scaled, STEPS_PER_DAY } from './testing/recorded.ts';
import { UsageHistory } from './usage-history.ts';
import type { UsageSeries } from '../usage/usage.ts';

function historyOf(series: UsageSeries): UsageHistory {
  const history = UsageHistory.of(series, endOf(series));
  if (history === undefined) throw new Error('no history');
  return history;
}

function forecastQuantile(history: UsageHistory, origin: number, q: number): number {
  const forecast = new Float64Array(history.grid.buckets);
  expect(history.forecast(origin, forecast)).toBe(true);
  expect(forecast.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
  return upperBound(history.grid, quantileBucket(forecast, q));
}

describe('the forecast of a day', () => {
  it('repeats a regular day', () => {
    const history = historyOf(recorded(14, dailyCycle));
    expect(history.days).toBe(14);
    expect(forecastQuantile(history, 0, 0.5) / history.quantileOfDay(0, 0.5)).toBeCloseTo(1, 1);
    expect(forecastQuantile(history, 0, 0.95) / history.quantileOfDay(0, 0.95)).toBeCloseTo(1, 1);
  });

  it('follows a level that has changed for good', () => {
    const history = historyOf(recorded(14, (moment) => (moment.day < 7 ? 1 : 0.5) * dailyCycle(moment)));
    expect(forecastQuantile(history, 0, 0.5)).toBeLessThan(0.6);
  });

  it('remembers the weekday: before a Monday it expects more than after another weekend day', () => {
    const week = (moment: { day: number; hour: number; noise: number }) =>
      (Math.floor(moment.day) % 7 < 5 ? 2 : 1) * dailyCycle(moment);
    const beforeMonday = historyOf(recorded(14, week));
    const beforeSunday = historyOf(recorded(13, week));
    expect(forecastQuantile(beforeMonday, 0, 0.95)).toBeGreaterThan(
      1.3 * forecastQuantile(beforeSunday, 0, 0.8),
    );
    expect(beforeMonday.influences().week).toBeGreaterThan(0.2);
  });

  it('never looks at the day it forecasts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (origin, factor) => {
          const series = recorded(7, (moment) => (moment.day === 0 ? 2 : dailyCycle(moment)));
          const from = (7 - origin) * STEPS_PER_DAY;
          const changed = {
            ...series,
            max: series.max.map((value, step) => (step >= from ? value * factor : value)),
          };
          expect(forecastQuantile(historyOf(changed), origin, 0.9)).toBeCloseTo(
            forecastQuantile(historyOf(series), origin, 0.9),
            9,
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('scales with the usage', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (factor) => {
        const series = recorded(5, dailyCycle);
        const ratio =
          forecastQuantile(historyOf(scaled(series, factor)), 0, 0.95) /
          forecastQuantile(historyOf(series), 0, 0.95);
        expect(ratio / factor).toBeCloseTo(1, 9);
      }),
      { numRuns: 20 },
    );
  });

  it('takes unknown steps out of the count instead of for zero', () => {
    const full = recorded(7, dailyCycle);
    const gappy = { ...full, max: full.max.map((value, step) => (step % 3 === 0 ? Number.NaN : value)) };
    expect(historyOf(gappy).coverage(0)).toBeCloseTo(2 / 3, 2);
    expect(
      forecastQuantile(historyOf(gappy), 0, 0.5) / forecastQuantile(historyOf(full), 0, 0.5),
    ).toBeCloseTo(1, 1);
  });

  it('has none without samples, and none from usage of zero', () => {
    expect(
      UsageHistory.of(
        recorded(2, () => Number.NaN),
        2 * STEPS_PER_DAY,
      ),
    ).toBeUndefined();
    expect(
      UsageHistory.of(
        recorded(2, () => 0),
        2 * STEPS_PER_DAY,
      ),
    ).toBeUndefined();
    const history = historyOf(recorded(2, dailyCycle));
    expect(history.forecast(2, new Float64Array(history.grid.buckets))).toBe(false);
  });
});

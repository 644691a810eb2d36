import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageSeries } from '../usage/usage.ts';
import { MemoryHistory, type PeakForecast } from './memory-history.ts';
import { cheapestSize } from './memory-sizing.ts';
import { MEMORY_METHOD } from './method.ts';
import { dailyCycle, endOf, type Moment, recorded, scaled, STEPS_PER_DAY } from './testing/recorded.ts';

const GIB = 2 ** 30;

function historyOf(series: UsageSeries): MemoryHistory {
  const history = MemoryHistory.of(series, endOf(series));
  if (history === undefined) throw new Error('no history');
  return history;
}

function forecastOf(series: UsageSeries, origin = 0): PeakForecast {
  const forecast = historyOf(series).forecast(origin);
  if (forecast === undefined) throw new Error('no forecast');
  return forecast;
}

function sizeFor(at: (moment: Moment) => number, days = 7): number {
  return Math.exp(cheapestSize(forecastOf(recorded(days, at)), MEMORY_METHOD));
}

describe('the forecast of a memory peak', () => {
  it('has a scenario per day, lowest first', () => {
    const { scenarios } = forecastOf(recorded(5, ({ day }) => (1 + (Math.floor(day) % 3)) * GIB));
    expect(scenarios.map(({ peak }) => Math.round(Math.exp(peak) / GIB))).toEqual([1, 1, 2, 2, 3]);
  });

  it('sees lasting growth and none in what comes and goes', () => {
    expect(forecastOf(recorded(7, ({ day }) => GIB * 1.03 ** day)).growth).toBeCloseTo(Math.log(1.03), 3);
    expect(forecastOf(recorded(7, dailyCycle)).growth).toBeLessThan(0.001);
    expect(forecastOf(recorded(7, ({ day }) => GIB * (1 + (day % 1)))).growth).toBe(0);
  });

  it('never looks at the day it forecasts', () => {
    const series = recorded(6, dailyCycle);
    const later = {
      ...series,
      max: series.max.map((value, step) => (step >= 4 * STEPS_PER_DAY ? value * 3 : value)),
    };
    expect(forecastOf(later, 2)).toEqual(forecastOf(series, 2));
  });

  it('has none without samples', () => {
    expect(
      MemoryHistory.of(
        recorded(3, () => Number.NaN),
        3 * STEPS_PER_DAY,
      ),
    ).toBeUndefined();
    expect(historyOf(recorded(3, dailyCycle)).forecast(3)).toBeUndefined();
  });
});

describe('the cheapest memory size', () => {
  it('adds little to a plateau, more to spikes and to growth', () => {
    const margin = (at: (moment: Moment) => number, peak: number) => sizeFor(at) / peak - 1;
    const plateau = margin(() => GIB, GIB);
    const spiky = margin(
      ({ day, hour }) => (hour < 0.05 && Math.floor(day) % 2 === 0 ? 2 : 1) * GIB,
      2 * GIB,
    );
    const growing = margin(({ day }) => GIB * 1.05 ** day, GIB * 1.05 ** (7 - 1 / STEPS_PER_DAY));
    expect(plateau).toBeGreaterThan(0.02);
    expect(plateau).toBeLessThan(0.1);
    expect(spiky).toBeGreaterThan(plateau);
    expect(growing).toBeGreaterThan(plateau);
  });

  it('is never below a peak that was seen, however rare', () => {
    const heights = fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(heights, (days) => {
        const at = ({ day, hour }: Moment) => (hour < 1 ? (days[Math.floor(day)] ?? 1) : 0.5) * GIB;
        expect(sizeFor(at, days.length)).toBeGreaterThanOrEqual(Math.max(...days, 0.5) * GIB * (1 - 1e-9));
      }),
      { numRuns: 30 },
    );
  });

  it('is not lowered by a new record, wherever it falls', () => {
    const series = recorded(6, dailyCycle);
    const before = cheapestSize(forecastOf(series), MEMORY_METHOD);
    fc.assert(
      fc.property(
        fc.nat(6 * STEPS_PER_DAY - 1),
        fc.double({ min: 1.6, max: 20, noNaN: true }),
        (at, height) => {
          const max = series.max.map((value, step) => (step === at ? height : value));
          expect(cheapestSize(forecastOf({ ...series, max }), MEMORY_METHOD)).toBeGreaterThanOrEqual(
            before - 1e-3,
          );
        },
      ),
    );
  });

  it('scales with the usage', () => {
    const series = recorded(4, dailyCycle);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (factor) => {
        const [one, other] = [series, scaled(series, factor)].map((each) =>
          cheapestSize(forecastOf(each), MEMORY_METHOD),
        );
        expect((other ?? 0) - (one ?? 0)).toBeCloseTo(Math.log(factor), 6);
      }),
      { numRuns: 20 },
    );
  });

  it('grows with the price of a kill', () => {
    const forecast = forecastOf(recorded(7, dailyCycle));
    const sizes = [1, 4, 16, 64, 256].map((oomPrice) =>
      cheapestSize(forecast, { ...MEMORY_METHOD, oomPrice }),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(5);
  });
});

import { describe, expect, it } from 'vitest';
import type { UsageSeries } from '../usage/usage.ts';
import { DATA_RULES, usableSeries } from './data-rules.ts';
import { dailyCycle, endOf, recorded, STEP_MS, STEPS_PER_DAY } from './testing/recorded.ts';

const HOUR_MS = 3_600_000;

function outcome(series: UsageSeries | undefined, nowMs: number) {
  return usableSeries(series, nowMs, { rules: DATA_RULES, what: 'CPU usage of app' });
}

function code(series: UsageSeries | undefined, nowMs = series === undefined ? 0 : endOf(series)): string {
  const result = outcome(series, nowMs);
  return 'kind' in result ? result.code : 'usable';
}

const keepEvery = (nth: number) => (value: number, step: number) => (step % nth === 0 ? value : Number.NaN);

describe('a series', () => {
  const week = recorded(7, dailyCycle);

  it('can be used when it is long, dense and fresh', () => {
    expect(code(week)).toBe('usable');
    expect(code(recorded(1, dailyCycle))).toBe('usable');
  });

  it.each<[string, UsageSeries | undefined, string]>([
    ['it is absent', undefined, 'no-data'],
    ['it has no sample', recorded(7, () => Number.NaN), 'no-data'],
    ['it is short', recorded(0.25, dailyCycle), 'short-history'],
    ['it is thin', { ...week, max: week.max.map(keepEvery(3)) }, 'low-coverage'],
    ['two days are missing', { ...week, max: week.max.map((v, step) => (step > 500 && step < 1100 ? Number.NaN : v)) }, 'low-coverage'],
    ['its steps are coarse', { ...week, stepMs: 2 * HOUR_MS }, 'coarse-steps'],
  ])('is refused when %s', (_name, series, expected) => {
    expect(code(series)).toBe(expected);
  }); // prettier-ignore

  it('is refused when its newest sample is old, with the age in the message', () => {
    const result = outcome(week, endOf(week) + 3 * HOUR_MS);
    expect(result).toMatchObject({
      code: 'stale',
      message: 'CPU usage of app: unknown now, the newest sample is 3 h old',
    });
    const silent = {
      ...week,
      max: week.max.map((v, step) => (step > week.max.length - 12 ? Number.NaN : v)),
    };
    expect(code(silent)).toBe('stale');
  });

  it('has no future: steps after now do not count', () => {
    expect(code(week, 0.25 * STEPS_PER_DAY * STEP_MS)).toBe('short-history');
    const result = outcome(week, 3 * STEPS_PER_DAY * STEP_MS);
    expect('kind' in result ? 0 : result.series.max.length).toBe(3 * STEPS_PER_DAY);
  });

  it('loses values that cannot be', () => {
    const broken = {
      ...week,
      max: week.max.map((v, step) => [v, -1, Number.POSITIVE_INFINITY, v, v, v][step % 6] ?? v),
    };
    const result = outcome(broken, endOf(week));
    expect('kind' in result ? [] : [...result.series.max.subarray(0, 3)]).toEqual([
      week.max[0],
      Number.NaN,
      Number.NaN,
    ]);
  });
});

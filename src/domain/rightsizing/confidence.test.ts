import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtestDays } from './backtest.ts';
import { type BacktestDay, type ConfidenceBasis, confidenceOf, CPU_PRIOR } from './confidence.ts';

function track(needed: readonly number[], historyDays = needed.length + 1): ConfidenceBasis {
  const backtest = needed.map((each, i): BacktestDay => ({ daysAgo: i + 1, needed: each, coverage: 1 }));
  return { backtest, unbounded: 2, prior: CPU_PRIOR, historyDays };
}

const kept = (days: number) => track(Array<number>(days).fill(0.9));

describe('confidence', () => {
  it('grows with the days on which the promise was kept', () => {
    const said = [0, 1, 3, 6, 13].map((days) => confidenceOf(kept(days), 2));
    expect(said).toEqual([...said].sort((a, b) => a - b));
    expect(said[0]).toBeLessThan(0.75);
    expect(said[4]).toBeGreaterThan(0.95);
  });

  it('is honest about a method that fails half of the time', () => {
    const erratic = track(Array.from({ length: 13 }, (_, i) => (i % 2 === 0 ? 1.5 : 0.9)));
    expect(confidenceOf(erratic, 2)).toBeGreaterThan(0.4);
    expect(confidenceOf(erratic, 2)).toBeLessThan(0.65);
  });

  it('forgives a miss of long ago sooner than one of yesterday', () => {
    const miss = (at: number) => track(Array.from({ length: 13 }, (_, i) => (i === at ? 2 : 0.9)));
    expect(confidenceOf(miss(12), 2)).toBeGreaterThan(confidenceOf(miss(0), 2));
  });

  it('counts a near miss as a part of a hit', () => {
    const near = confidenceOf(track(Array<number>(13).fill(1)), 2);
    expect(near).toBeGreaterThan(confidenceOf(track(Array<number>(13).fill(1.2)), 2));
    expect(near).toBeLessThan(confidenceOf(kept(13), 2));
  });

  it('rises with the size it is asked about, and gives no credit to one far below the method', () => {
    const sizes = fc.double({ min: 0.1, max: 10, noNaN: true });
    const needs = fc.array(fc.double({ min: 0.3, max: 3, noNaN: true }), { maxLength: 13 });
    fc.assert(
      fc.property(needs, sizes, sizes, (needed, a, b) => {
        const [low, high] = [
          confidenceOf(track(needed), Math.min(a, b)),
          confidenceOf(track(needed), Math.max(a, b)),
        ];
        expect(low).toBeLessThanOrEqual(high + 1e-12);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThan(1);
      }),
    );
    expect(confidenceOf(kept(13), 1)).toBeLessThan(0.01);
  });
});

describe('a backtest', () => {
  const recorded = { days: 40, coverage: (day: number) => (day === 2 ? 0.3 : 1) };

  it('skips days of which little is known, and days that the method cannot size', () => {
    const days = backtestDays(recorded, (day) => (day === 1 ? undefined : 1));
    expect(days.slice(0, 3).map(({ daysAgo }) => daysAgo)).toEqual([1, 4, 5]);
  });

  it('goes back four weeks, and never to the oldest day, before which nothing is known', () => {
    expect(backtestDays(recorded, () => 1).at(-1)?.daysAgo).toBe(28);
    expect(backtestDays({ ...recorded, days: 3 }, () => 1).map(({ daysAgo }) => daysAgo)).toEqual([1, 2]);
    expect(backtestDays({ ...recorded, days: 1 }, () => 1)).toEqual([]);
  });
});

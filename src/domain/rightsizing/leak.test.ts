import { describe, expect, it } from 'vitest';
import { growthOf, isLeak } from './leak.ts';
import { MemoryHistory } from './memory-history.ts';
import { endOf, type Moment, recorded } from './testing/recorded.ts';

function leaks(at: (moment: Moment) => number, days = 7): boolean {
  const series = recorded(days, at);
  const levels = MemoryHistory.of(series, endOf(series))?.levels ?? new Float64Array(0);
  const growth = growthOf(levels);
  return growth !== undefined && isLeak(growth);
}

describe('a leak', () => {
  it('is memory that rises steadily, with or without a daily pattern on top', () => {
    expect(leaks(({ day }) => 1 + 0.1 * day)).toBe(true);
    expect(leaks(({ day, hour }) => 1 + 0.15 * day + 0.05 * Math.sin((hour / 24) * 2 * Math.PI))).toBe(true);
  });

  it.each<[string, (moment: Moment) => number]>([
    ['a flat level', () => 1],
    ['a heap that fills up to its bound', ({ day }) => 2 - Math.exp(-day)],
    ['a saw-tooth', ({ day }) => 1 + (day % 2)],
    ['a daily pattern', ({ hour }) => 1 + 0.5 * Math.sin((hour / 24) * 2 * Math.PI)],
    ['a step up', ({ day }) => (day < 4 ? 1 : 2)],
    ['growth that is too slow to matter', ({ day }) => 1 + 0.005 * day],
    ['a level that falls', ({ day }) => 2 - 0.1 * day],
    ['noise', ({ noise }) => 1 + noise],
  ])('is not %s', (_name, at) => {
    expect(leaks(at)).toBe(false);
  });

  it('cannot be told within two days, nor from unknown hours', () => {
    expect(growthOf(new Float64Array(48))).toBeUndefined();
    expect(growthOf(new Float64Array(200).fill(Number.NaN))).toBeUndefined();
  });
});

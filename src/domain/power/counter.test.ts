import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterRate, gaugeMean } from './counter.ts';

const SCRAPE_MS = 30_000;

/** A counter scraped every half minute while so many joules come in between two scrapes. */
function scraped(joules: readonly number[], start = 0): { times: number[]; values: number[] } {
  const values = joules.reduce<number[]>((sum, each) => [...sum, (sum.at(-1) ?? 0) + each], [start]);
  return { times: values.map((_, index) => index * SCRAPE_MS), values };
}

describe('a counter of joules', () => {
  it('is watts: joules per second between its first and its last sample', () => {
    expect(counterRate(scraped([300, 600, 300]))).toEqual({ value: 1200 / 90, atMs: 90_000 });
  });

  it('tells the same watts whichever scrapes are missing', () => {
    const watts = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(
        watts,
        fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 20 }),
        (rate, ticks) => {
          const times = ticks.sort((a, b) => a - b).map((tick) => tick * SCRAPE_MS);
          const figure = counterRate({ times, values: times.map((atMs) => (rate * atMs) / 1000) });
          expect(figure.value).toBeCloseTo(rate, 6);
        },
      ),
    );
  });

  it('counts on after a restart of its exporter, as if it had begun at zero', () => {
    const joules = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(joules, joules, (before, after) => {
        const [one, two] = [scraped(before, 5), scraped(after)];
        const values = [...one.values, ...two.values.slice(1)];
        const times = values.map((_, index) => index * SCRAPE_MS);
        const sum = [...before, ...after].reduce((total, each) => total + each, 0);
        const { value = Number.NaN } = counterRate({ times, values });
        // A restart between two equal values cannot be seen; then less is counted, never more.
        expect(value).toBeLessThanOrEqual((sum / (times.at(-1) ?? 1)) * 1000 * (1 + 1e-9) + 1e-9);
        if ((two.values[1] ?? 0) < (one.values.at(-1) ?? 0))
          expect(value).toBeCloseTo((sum / (times.at(-1) ?? 1)) * 1000, 6);
      }),
    );
  });

  it('is not known from one sample, nor from none', () => {
    expect(counterRate({ times: [0], values: [5] })).toEqual({ reason: 'Missing' });
    expect(counterRate({ times: [], values: [] })).toEqual({ reason: 'Missing' });
    expect(counterRate({ times: [7, 7], values: [5, 6] })).toEqual({ reason: 'Missing' });
  });

  it('leaves out what is no number, and says so where nothing is left', () => {
    const { values } = scraped([300, 300, 300]);
    const times = values.map((_, index) => index * SCRAPE_MS);
    expect(
      counterRate({ times, values: values.map((value, index) => (index === 1 ? Number.NaN : value)) }).value,
    ).toBeCloseTo(10, 9);
    expect(counterRate({ times, values: values.map(() => Number.POSITIVE_INFINITY) })).toEqual({
      reason: 'NotFinite',
    });
    expect(counterRate({ times, values: values.map((value) => value - 400) })).toMatchObject({
      reason: 'Negative',
    });
  });
});

describe('a gauge of watts', () => {
  it('is its mean over the samples that there are', () => {
    expect(gaugeMean({ times: [0, 1, 5], values: [10, Number.NaN, 20] })).toEqual({ value: 15, atMs: 5 });
  });

  it('is unknown without samples, broken where none is a number, wrong below zero', () => {
    expect(gaugeMean({ times: [], values: [] })).toEqual({ reason: 'Missing' });
    expect(gaugeMean({ times: [1], values: [Number.NaN] })).toEqual({ reason: 'NotFinite' });
    expect(gaugeMean({ times: [1, 2], values: [5, -1] })).toMatchObject({ reason: 'Negative' });
  });
});

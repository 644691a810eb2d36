import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceLibrary } from '../../traces/trace-library.ts';
import { compileLoad } from './load.ts';
import { MAX_NOISE, driftingNoise, normalHash } from './noise.ts';
import type { LoadProfile } from './usage-schema.ts';

const MONDAY_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const traces = new TraceLibrary({ seed: 1 });

function loadAt(profile: LoadProfile): (hours: number) => number {
  const load = compileLoad(profile, { seed: 'w', originMs: MONDAY_MS, traces });
  return (hours) => load.at(MONDAY_MS + hours * HOUR_MS);
}

const anyLoad: fc.Arbitrary<LoadProfile> = fc.record(
  {
    daily: fc.record({
      amplitude: fc.double({ min: 0, max: 1, noNaN: true }),
      peakHour: fc.double({ min: 0, max: 24, noNaN: true }),
    }),
    weekend: fc.double({ min: 0, max: 2, noNaN: true }),
    trendPerDay: fc.double({ min: 0, max: 0.1, noNaN: true }),
    bursts: fc.record({
      perDay: fc.double({ min: 0.1, max: 288, noNaN: true }),
      factor: fc.double({ min: 0, max: 5, noNaN: true }),
      minutes: fc.double({ min: 0, max: 600, noNaN: true }),
    }),
    window: fc.record({ fromHour: fc.double({ min: 0, max: 24, noNaN: true }), hours: fc.nat(24) }),
    steps: fc.array(fc.record({ after: fc.constantFrom('0s', '2h', '9d'), factor: fc.nat(4) })),
    trace: fc.constantFrom('generated/batch', 'generated/bursty-api'),
  },
  { requiredKeys: [] },
);

describe('a load', () => {
  it('is 1 where nothing is said', () => {
    expect(loadAt({})(17)).toBe(1);
  });

  it('follows day and week', () => {
    const load = loadAt({ daily: { amplitude: 0.5, peakHour: 14 }, weekend: 0.5 });
    expect(load(14)).toBeCloseTo(1.5, 9);
    expect(load(2)).toBeCloseTo(0.5, 9);
    expect(load(4 * 24 + 14)).toBeCloseTo(1.5, 9);
    expect(load(5 * 24 + 14)).toBeCloseTo(0.75, 9);
    expect(load(6 * 24 + 14)).toBeCloseTo(0.75, 9);
    expect(load(7 * 24 + 14)).toBeCloseTo(1.5, 9);
  });

  it('grows by its trend and steps at its times', () => {
    expect(loadAt({ trendPerDay: 0.1 })(48)).toBeCloseTo(1.2, 9);
    expect(loadAt({ trendPerDay: -0.1 })(20 * 24)).toBe(0);
    const step = loadAt({ steps: [{ after: '2h', factor: 3, for: '1h' }] });
    expect([1.9, 2, 2.9, 3].map(step)).toEqual([1, 3, 3, 1]);
    expect(loadAt({ steps: [{ at: '2026-01-05T04:00:00Z', factor: 2 }] })(5)).toBe(2);
    expect(() => loadAt({ steps: [{ at: 'noon', factor: 2 }] })).toThrow('load.steps.at');
  });

  it('works in its window, across midnight too', () => {
    const load = loadAt({ window: { fromHour: 23, hours: 2, idle: 0.1 } });
    expect([22.9, 23, 24.9, 25].map(load)).toEqual([0.1, 1, 1, 0.1]);
  });

  it('has as many bursts as it says, each for as long as it says', () => {
    const load = loadAt({ bursts: { perDay: 4, factor: 3, minutes: 30 } });
    const minutes = Array.from({ length: 10 * 1440 }, (_, minute) => load(minute / 60));
    const busy = minutes.filter((value) => value > 1);
    expect(busy.length / (10 * 4)).toBeGreaterThan(27);
    expect(busy.length / (10 * 4)).toBeLessThan(31);
    expect(busy.every((value) => value >= 2 && value <= 4)).toBe(true);
  });

  it('is never above its bound', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer({ min: 0, max: 30 * 1440 }), fc.nat(5000), (profile, minute, more) => {
        const load = compileLoad(profile, { seed: 'w', originMs: MONDAY_MS, traces });
        const atMs = MONDAY_MS + minute * 60_000;
        expect(load.at(atMs)).toBeLessThanOrEqual(load.most(atMs + more * 60_000) + 1e-9);
        expect(load.at(atMs)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is as sure of the past as of the future', () => {
    const load = loadAt({ bursts: { perDay: 4, factor: 3, minutes: 30 }, trace: 'generated/daily-service' });
    expect(load(-500)).toBe(load(-500));
    expect(Number.isFinite(load(-5000))).toBe(true);
    expect(load(-28 * 24 * 30 + 5)).toBeGreaterThan(0);
  });
});

describe('noise', () => {
  it('has mean 0, deviation 1 and a bound', () => {
    const draws = Array.from({ length: 20_000 }, (_, index) => normalHash(7, index));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + value * value, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    expect(draws.every((value) => Math.abs(value) <= MAX_NOISE)).toBe(true);
  });

  it('drifts: neighbours are alike, strangers are not', () => {
    const correlation = (lag: number): number => {
      let sum = 0;
      for (let cell = 0; cell < 5000; cell += 1) sum += driftingNoise(3, cell) * driftingNoise(3, cell + lag);
      return sum / 5000;
    };
    expect(correlation(1)).toBeGreaterThan(0.1);
    expect(Math.abs(correlation(400))).toBeLessThan(0.05);
    expect(Math.abs(driftingNoise(3, DAY_MS / 30_000))).toBeLessThanOrEqual(MAX_NOISE);
  });
});

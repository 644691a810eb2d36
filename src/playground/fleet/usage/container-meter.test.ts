import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceLibrary } from '../../traces/trace-library.ts';
import { ContainerMeter, type ContainerLimits } from './container-meter.ts';
import { ContainerModel } from './container-model.ts';
import { throttledShare, throttledTimeShare } from './throttling.ts';
import type { ContainerProfile } from './usage-schema.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const MIB = 1024 * 1024;
const traces = new TraceLibrary({ seed: 1 });
const NO_LIMITS: ContainerLimits = { cpuCores: undefined, memoryBytes: undefined };

function meter(profile: ContainerProfile, limits = NO_LIMITS, share = 1): ContainerMeter {
  const model = new ContainerModel(profile, { seed: 'w', originMs: START_MS, traces });
  return new ContainerMeter({
    model,
    place: { seed: 1, share, bornMs: START_MS },
    limits,
    startedMs: START_MS,
  });
}

describe('ContainerMeter', () => {
  it('integrates demand into CPU seconds', () => {
    const read = meter({ cpu: { cores: 0.5, base: 0.1, noise: 0 } }).read(START_MS + 100_000);
    expect(read.cpuSeconds).toBeCloseTo(60, 9);
    expect(read.cpuCores).toBeCloseTo(0.6, 9);
  });

  it('reads the same however often it is read', () => {
    const profile: ContainerProfile = {
      cpu: { cores: 0.5, noise: 0.3, startup: { cores: 1, seconds: 45 } },
      load: { bursts: { perDay: 200, factor: 4, minutes: 2 } },
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 30 }), (gaps) => {
        const often = meter(profile, { cpuCores: 0.8, memoryBytes: undefined });
        const once = meter(profile, { cpuCores: 0.8, memoryBytes: undefined });
        let atMs = START_MS;
        for (const gap of gaps) often.read((atMs += gap));
        const a = often.read(atMs);
        const b = once.read(atMs);
        expect(a.cpuSeconds).toBeCloseTo(b.cpuSeconds, 6);
        expect(a.cfsPeriods).toBeCloseTo(b.cfsPeriods, 6);
        expect(a.cfsThrottledPeriods).toBeCloseTo(b.cfsThrottledPeriods, 6);
        expect(a.memoryBytes).toBe(b.memoryBytes);
      }),
    );
  });

  it('never runs above its limit and tells how often it was held back', () => {
    const read = meter({ cpu: { cores: 2, noise: 0 } }, { cpuCores: 0.5, memoryBytes: undefined }).read(
      START_MS + 100_000,
    );
    expect(read.cpuSeconds).toBeCloseTo(50, 9);
    expect(read.demandCores).toBe(2);
    expect(read.cfsPeriods).toBeCloseTo(1000, 6);
    expect(read.cfsThrottledPeriods / read.cfsPeriods).toBeGreaterThan(0.99);
    expect(read.cfsThrottledSeconds).toBeCloseTo(75, 6);
  });

  it('counts changes of share and limit from the moment they are told', () => {
    const probe = meter({ cpu: { cores: 1, noise: 0 } }, NO_LIMITS, 0);
    probe.setShare(0.5, START_MS + 10_000);
    probe.setLimits({ cpuCores: 0.25, memoryBytes: undefined }, START_MS + 20_000);
    expect(probe.read(START_MS + 40_000).cpuSeconds).toBeCloseTo(10 * 0.5 + 20 * 0.25, 9);
  });

  it('finds the moment at which a leak meets the limit, and none where it never does', () => {
    const leak: ContainerProfile = { memory: { base: '100Mi', growthPerHour: '60Mi', noise: 0 } };
    const limits = { cpuCores: undefined, memoryBytes: 130 * MIB };
    const hourMs = 3_600_000;
    const atMs = meter(leak, limits).nextOomMs(START_MS, START_MS + hourMs);
    expect(atMs).toBeGreaterThan(START_MS + 30 * 60_000);
    expect(atMs).toBeLessThanOrEqual(START_MS + 31 * 60_000);
    expect(meter(leak, limits).nextOomMs(START_MS, START_MS + 20 * 60_000)).toBeUndefined();
    expect(meter(leak).nextOomMs(START_MS, START_MS + 100 * hourMs)).toBeUndefined();
    const heap: ContainerProfile = { memory: { ...leak.memory, plateau: '125Mi' } };
    expect(meter(heap, limits).nextOomMs(START_MS, START_MS + 1000 * hourMs)).toBeUndefined();
  });

  it('finds the first cell above the limit, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 400 }), fc.nat(40), (limitMib, growth) => {
        const profile: ContainerProfile = {
          cpu: { cores: 2, noise: 0.2 },
          memory: { base: '50Mi', perCore: '40Mi', growthPerHour: `${growth}Mi`, noise: 0.05 },
          load: { daily: { amplitude: 0.6, peakHour: 12 } },
        };
        const probe = meter(profile, { cpuCores: undefined, memoryBytes: limitMib * MIB });
        const untilMs = START_MS + 6 * 3_600_000;
        const found = probe.nextOomMs(START_MS, untilMs);
        for (let atMs = START_MS; atMs < (found ?? untilMs); atMs += 30_000) {
          expect(probe.model.memoryBytes(atMs, probe.place)).toBeLessThanOrEqual(limitMib * MIB);
        }
        if (found !== undefined) expect(probe.read(found).memoryBytes).toBeGreaterThan(limitMib * MIB);
      }),
      { numRuns: 40 },
    );
  });
});

describe('throttling', () => {
  it('is none without a limit, half at the limit, and grows with demand', () => {
    expect(throttledShare(1, undefined)).toBe(0);
    expect(throttledShare(0, 1)).toBe(0);
    expect(throttledShare(1, 1)).toBeCloseTo(0.5, 9);
    expect(throttledShare(0.5, 1)).toBeLessThan(0.001);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), (demand) => {
        expect(throttledShare(demand * 1.1, 1)).toBeGreaterThanOrEqual(throttledShare(demand, 1));
        expect(throttledTimeShare(demand, 1)).toBeLessThanOrEqual(1);
        expect(throttledTimeShare(demand, 1)).toBeGreaterThanOrEqual(Math.max(0, 1 - 1 / demand));
      }),
    );
  });
});

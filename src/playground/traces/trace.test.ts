import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GENERATED_TRACES, generateTrace } from './generated-trace.ts';
import { normalised, sampleSeries, withoutGaps } from './trace.ts';

const DAY_MS = 86_400_000;
const MONDAY_MS = Date.UTC(2026, 0, 5);

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('a series', () => {
  it('has its samples at its steps, repeats for ever and is linear between', () => {
    const series = Float64Array.from([1, 3, 2, 5]);
    fc.assert(
      fc.property(fc.integer({ min: -50_000, max: 50_000 }), fc.nat(3), (round, index) => {
        const atMs = MONDAY_MS + (round * 4 + index) * 1000;
        expect(sampleSeries(series, 1000, atMs)).toBeCloseTo(series[index] ?? NaN, 9);
      }),
    );
    expect(sampleSeries(series, 1000, MONDAY_MS + 500)).toBeCloseTo(2, 9);
    expect(sampleSeries(series, 1000, MONDAY_MS + 3500)).toBeCloseTo(3, 9);
    expect(sampleSeries(new Float64Array(0), 1000, 0)).toBeNaN();
  });

  it('is scaled to a mean of one unless it is all zero', () => {
    expect(mean(normalised(Float64Array.from([2, 4, 9])))).toBeCloseTo(1, 12);
    expect([...normalised(Float64Array.from([0, 0]))]).toEqual([0, 0]);
  });

  it('carries the last sample over a gap', () => {
    expect([...withoutGaps(Float64Array.from([NaN, 1, NaN, NaN, 2]))]).toEqual([1, 1, 1, 1, 2]);
    expect([...withoutGaps(Float64Array.from([NaN]))]).toEqual([0]);
  });
});

describe('a generated trace', () => {
  it.each(GENERATED_TRACES)('%s is finite, has mean one, and is the same for the same seed', (kind) => {
    const trace = generateTrace(kind, { seed: 1 });
    expect(trace.cpu.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    expect(trace.memory?.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    expect(mean(trace.cpu)).toBeCloseTo(1, 9);
    expect(generateTrace(kind, { seed: 1 })).toEqual(trace);
    expect(generateTrace(kind, { seed: 2 }).cpu).not.toEqual(trace.cpu);
    expect(trace.cpu.length).toBe(28 * 288);
  });

  it('has the shape that its name says', () => {
    const at = (kind: (typeof GENERATED_TRACES)[number], hour: number, day = 1): number => {
      const { cpu, stepMs } = generateTrace(kind, { seed: 1 });
      return sampleSeries(cpu, stepMs, MONDAY_MS + day * DAY_MS + hour * 3_600_000);
    };
    expect(at('daily-service', 14)).toBeGreaterThan(2 * at('daily-service', 2));
    expect(at('daily-service', 14, 2)).toBeGreaterThan(1.2 * at('daily-service', 14, 5));
    expect(at('batch', 2)).toBeGreaterThan(50 * at('batch', 12));
    expect(at('llm-inference', 20.5)).toBeGreaterThan(3 * at('llm-inference', 4));
    const { memory: leak = new Float64Array() } = generateTrace('leak', { seed: 1 });
    expect((leak[288] ?? 0) - (leak[0] ?? 0)).toBeGreaterThan(0.2);
    const { memory: heap = new Float64Array() } = generateTrace('jvm-plateau', { seed: 1 });
    expect(Math.abs((heap[900] ?? 0) - (heap[700] ?? 0))).toBeLessThan(0.1 * (heap[700] ?? 0));
    const { cpu: api } = generateTrace('bursty-api', { seed: 1 });
    const sorted = api.toSorted();
    expect(sorted.at(-1)).toBeGreaterThan(4 * (sorted[sorted.length >> 1] ?? NaN));
  });
});

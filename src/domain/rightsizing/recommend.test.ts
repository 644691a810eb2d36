import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceOf } from './confidence.ts';
import type { SizeOutcome, SizeRecommendation } from './outcome.ts';
import { type ContainerQuestion, recommendContainer } from './recommend.ts';
import { dailyCycle, endOf, type Moment, recorded, scaled, usageOf } from './testing/recorded.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

interface Situation {
  readonly days?: number;
  readonly cpu?: (moment: Moment) => number;
  readonly memory?: (moment: Moment) => number;
}

function sized(
  { days = 14, cpu = dailyCycle, memory = (at) => GIB * dailyCycle(at) }: Situation,
  more: Partial<ContainerQuestion> = {},
) {
  const cpuCores = recorded(days, cpu);
  const usage = usageOf({ cpuCores, memoryBytes: recorded(days, memory) });
  return recommendContainer({ usage, nowMs: endOf(cpuCores), ...more });
}

function given(outcome: SizeOutcome): SizeRecommendation {
  if (outcome.kind === 'refusal') throw new Error(outcome.message);
  return outcome;
}

describe('a recommendation', () => {
  const regular = sized({}, { cpu: { request: 4 }, memory: { request: 8 * GIB } });

  it('covers what a regular container needs, and little more', () => {
    const [cpu, memory] = [given(regular.cpu), given(regular.memory)];
    expect(cpu.request).toBeGreaterThan(1.5);
    expect(cpu.request).toBeLessThan(1.8);
    expect(memory.request / GIB).toBeGreaterThan(1.6);
    expect(memory.request / GIB).toBeLessThan(2);
    expect([cpu.action, memory.action]).toEqual(['lower', 'lower']);
    expect([cpu.limit, memory.limit]).toEqual([undefined, undefined]);
  });

  it('is trusted after two regular weeks, a little less after one, and not on the first day', () => {
    const confidence = (days: number) => {
      const { cpu, memory } = sized({ days });
      return [given(cpu).confidence, given(memory).confidence];
    };
    for (const each of confidence(14)) expect(each).toBeGreaterThanOrEqual(0.85);
    for (const each of confidence(7)) expect(each).toBeGreaterThanOrEqual(0.75);
    for (const each of confidence(1)) expect(each).toBeLessThan(0.8);
  });

  it('is trusted less where usage is erratic', () => {
    const erratic = (at: Moment) =>
      0.1 + 10 ** (2 * ((Math.floor(at.day + 1) ** 2 * 0.618_034) % 1)) * (0.5 + at.noise);
    expect(given(sized({ cpu: erratic }).cpu).confidence).toBeLessThan(0.85);
  });

  it('says why: data, percentiles, season, margin, and what else was considered', () => {
    const names = given(regular.cpu).measures.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['history', 'coverage', 'age', '95th percentile', 'daily season', 'margin']),
    );
    const { alternatives } = given(regular.cpu);
    expect(alternatives.filter(({ verdict }) => verdict === 'chosen')).toHaveLength(1);
    expect(alternatives.some(({ name }) => name.includes('VPA'))).toBe(true);
    expect(given(regular.memory).measures.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['peak', 'growth', 'margin', 'sustained']),
    );
  });

  it('tells the confidence of any step on the way', () => {
    const cpu = given(regular.cpu);
    expect(confidenceOf(cpu.basis, cpu.request)).toBe(cpu.confidence);
    expect(confidenceOf(cpu.basis, 4)).toBeGreaterThanOrEqual(cpu.confidence);
    expect(confidenceOf(cpu.basis, 0.5)).toBeLessThan(0.1);
  });

  it('scales with the usage', () => {
    const usage = (factor: number) =>
      usageOf({
        cpuCores: scaled(recorded(5, dailyCycle), factor),
        memoryBytes: scaled(recorded(5, dailyCycle), factor * GIB),
      });
    const sizes = (factor: number) => {
      const { cpu, memory } = recommendContainer({
        usage: usage(factor),
        nowMs: endOf(recorded(5, dailyCycle)),
      });
      return { cpu: given(cpu).request, memory: given(memory).request };
    };
    const one = sizes(1);
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (factor) => {
        const other = sizes(factor);
        expect(Math.abs(other.cpu / factor - one.cpu)).toBeLessThanOrEqual(0.001 * (1 + 1 / factor) + 1e-9);
        expect(Math.abs(other.memory / factor - one.memory)).toBeLessThanOrEqual(
          MIB * (1 + 1 / factor) + one.memory * 2e-4,
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('limits of a recommendation', () => {
  it('hold the memory peak, while the request goes down to sustained use where it may', () => {
    const spiky = (at: Moment) => (at.hour < 0.1 ? 3 : 1) * GIB;
    const burstable = given(sized({ memory: spiky }, { memory: { request: GIB, limit: 4 * GIB } }).memory);
    expect(burstable.limit).toBeGreaterThan(3 * GIB);
    expect(burstable.request).toBeLessThan(1.2 * GIB);
    expect(burstable.promise.size).toBe(burstable.limit);
    const guaranteed = given(
      sized({ memory: spiky }, { memory: { request: 4 * GIB, limit: 4 * GIB } }).memory,
    );
    expect(guaranteed.request).toBe(guaranteed.limit);
    expect(guaranteed.request).toBeGreaterThan(3 * GIB);
  });

  it('never throttle what was seen, starts included', () => {
    const cpuCores = recorded(7, (at) => (Math.abs(at.day - 6) < 0.004 ? 3 : 0.5));
    const restarts = recorded(7, (at) => (Math.abs(at.day - 6) < 0.002 ? 1 : 0));
    const usage = usageOf({ cpuCores, restarts });
    const { cpu } = recommendContainer({ usage, nowMs: endOf(cpuCores), cpu: { request: 1, limit: 1.2 } });
    expect(given(cpu).request).toBeLessThan(0.6);
    expect(given(cpu).limit).toBeGreaterThanOrEqual(3);
    expect(given(cpu).measures.some(({ name }) => name === 'start-up peak')).toBe(true);
  });

  it('are raised where they throttle now', () => {
    const cpuCores = recorded(7, () => 1);
    const usage = usageOf({ cpuCores, throttledRatio: recorded(7, () => 0.5) });
    const { cpu } = recommendContainer({ usage, nowMs: endOf(cpuCores), cpu: { request: 1, limit: 1 } });
    expect(given(cpu).action).toBe('raise');
    expect(given(cpu).limit).toBeGreaterThanOrEqual(1.5);
  });
});

describe('experience and policy', () => {
  const kill = { atMs: 0, pod: 'p', limitBytes: 3 * GIB };

  it('never recommend memory at or below a size that was killed', () => {
    const cpuCores = recorded(7, dailyCycle);
    const usage = usageOf({ cpuCores, memoryBytes: recorded(7, () => GIB), oomKills: [kill] });
    const ratios = fc.double({ min: 1, max: 8, noNaN: true });
    fc.assert(
      fc.property(ratios, (ratio) => {
        const { memory } = recommendContainer({
          usage,
          nowMs: endOf(cpuCores),
          memory: { request: GIB, limit: ratio * GIB },
        });
        expect(given(memory).request).toBeGreaterThanOrEqual(3.6 * GIB);
      }),
      { numRuns: 20 },
    );
  });

  it('never recommend a size that did harm', () => {
    const { cpu, memory } = sized({}, { harmfulCpuCores: 2.5, harmfulMemoryBytes: 5 * GIB });
    expect(given(cpu).request).toBeGreaterThan(2.5);
    expect(given(memory).request).toBeGreaterThan(5 * GIB);
  });

  it('honour bounds, with a confidence that says what they cost', () => {
    const { cpu, memory } = sized({}, { cpuPolicy: { max: 0.5 }, memoryPolicy: { min: 3 * GIB } });
    expect(given(cpu).request).toBe(0.5);
    expect(given(cpu).confidence).toBeLessThan(0.2);
    expect(given(memory).request).toBe(3 * GIB);
  });

  it('lie as far above a kill as the user asks', () => {
    const cpuCores = recorded(7, dailyCycle);
    const usage = usageOf({ cpuCores, memoryBytes: recorded(7, () => GIB), oomKills: [kill] });
    const after = (factor: number, bytes: number): number =>
      given(recommendContainer({ usage, nowMs: endOf(cpuCores), oomBump: { factor, bytes } }).memory).request;
    expect(after(1.5, 0)).toBe(4.5 * GIB);
    expect(after(1, 2 * GIB)).toBe(5 * GIB);
  });

  it('refuse an upper bound below what was killed', () => {
    const cpuCores = recorded(7, dailyCycle);
    const usage = usageOf({ cpuCores, memoryBytes: recorded(7, () => GIB), oomKills: [kill] });
    const { memory } = recommendContainer({ usage, nowMs: endOf(cpuCores), memoryPolicy: { max: 2 * GIB } });
    expect(memory).toMatchObject({ kind: 'refusal', code: 'bounds-conflict' });
  });

  it('cover the percentile that the user asks for', () => {
    const at = (percentile: number) => {
      const { cpu, memory } = sized({}, { cpuPolicy: { percentile }, memoryPolicy: { percentile } });
      return [given(cpu).request, given(memory).request / GIB];
    };
    for (const size of at(50)) expect(size).toBeLessThan(1.3);
    expect(at(50)[0]).toBeLessThan(at(90)[0] ?? 0);
    expect(at(90)[1]).toBeLessThan(at(100)[1] ?? 0);
  });

  it('keep the memory limit above the peak, whatever percentile the request covers', () => {
    const spiky = (at: Moment) => (at.hour < 2 ? 3 : 1) * GIB;
    const memory = { request: GIB, limit: 4 * GIB };
    const burstable = given(sized({ memory: spiky }, { memory, memoryPolicy: { percentile: 80 } }).memory);
    expect(burstable.request).toBeLessThan(1.2 * GIB);
    expect(burstable.limit).toBeGreaterThan(3 * GIB);
  });

  it('leave limits alone where only requests are controlled', () => {
    const { cpu } = sized({}, { cpu: { request: 4, limit: 5 }, controlledValues: 'RequestsOnly' });
    expect(given(cpu)).toMatchObject({ limit: 5, action: 'lower' });
  });
});

describe('a refusal', () => {
  it('is given for unknown data, never a number', () => {
    const unknown = fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(unknown, fc.integer({ min: 0, max: 14 }), (value, days) => {
        const { cpu, memory } = sized({ days, cpu: () => value, memory: () => value });
        expect([cpu.kind, memory.kind]).toEqual(['refusal', 'refusal']);
      }),
      { numRuns: 30 },
    );
    const { cpu, memory } = recommendContainer({ usage: usageOf({}), nowMs: 0 });
    expect([cpu, memory]).toMatchObject([{ code: 'no-data' }, { code: 'no-data' }]);
  });

  it('is given for a leak, in words that a user understands, while CPU is still sized', () => {
    const { cpu, memory } = sized(
      { memory: ({ day }) => GIB * (1 + 0.2 * day) },
      { memory: { request: 6 * GIB, limit: 6 * GIB } },
    );
    expect(cpu.kind).toBe('recommendation');
    expect(memory).toMatchObject({ kind: 'refusal', code: 'unbounded-growth' });
    expect(memory.kind === 'refusal' ? memory.message : '').toMatch(
      /^memory of app grows without bound, .* % a day \(leak\?\).*; the limit is reached in about \d+ days$/,
    );
  });

  it('is not given for a heap that fills up to its bound', () => {
    expect(sized({ memory: ({ day }) => GIB * (3 - 2 * Math.exp(-day)) }).memory.kind).toBe('recommendation');
  });
});

describe('idle containers', () => {
  it('get the smallest request', () => {
    expect(given(sized({ cpu: () => 0 }).cpu).request).toBe(0.01);
    expect(given(sized({ cpu: () => 0 }, { cpuPolicy: { min: 0.05 } }).cpu).request).toBe(0.05);
    expect(given(sized({ memory: () => MIB }).memory).request).toBe(32 * MIB);
  });
});

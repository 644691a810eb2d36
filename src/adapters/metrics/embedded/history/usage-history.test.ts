import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APP,
  FIVE_MS,
  HistoryFixture,
  MIB,
  STEP_MS,
  T0,
  WEB,
  expectAlike,
  row,
} from '../testing/history-fixture.ts';
import type { HeadRow } from './head-store.ts';
import { HOUR_MS } from './levels.ts';
import { UsageHistory } from './usage-history.ts';

let fixture: HistoryFixture;
beforeEach(() => {
  fixture = new HistoryFixture();
});
afterEach(() => {
  fixture.dispose();
});

describe('the usage history', () => {
  it('answers in raw steps at once', async () => {
    fixture.record(T0 + STEP_MS, [[APP, row(0.25, 100, 2)]]);
    fixture.record(T0 + 3 * STEP_MS, [[APP, row(0.5, 120, 3)]]);
    const usage = await fixture.ask({ fromMs: T0, toMs: T0 + 3 * STEP_MS, stepMs: STEP_MS });
    const [app] = usage.containers;
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([0.25, Number.NaN, 0.5]);
    expect([...(app?.memoryBytes?.mean ?? [])]).toEqual([50 * MIB, Number.NaN, 60 * MIB]);
    expect([...(app?.memoryBytes?.pods ?? [])]).toEqual([2, Number.NaN, 3]);
    expect(usage.lastSampleAtMs).toBe(T0 + 3 * STEP_MS);
  });

  it('has no containers for a workload that it never saw, and none for a window before it', async () => {
    fixture.record(T0 + STEP_MS, [[APP, row(1, 100)]]);
    const other = { ...WEB, name: 'other' };
    const answers = await fixture.history.reader.usage({
      workloads: [other, WEB],
      fromMs: T0,
      toMs: T0 + FIVE_MS,
      stepMs: FIVE_MS,
    });
    expect(answers.map(({ containers }) => containers.length)).toEqual([0, 1]);
    const before = await fixture.ask({ fromMs: T0 - HOUR_MS, toMs: T0, stepMs: FIVE_MS });
    expect([before.containers, before.lastSampleAtMs]).toEqual([[], undefined]);
  });

  it('answers the same before and after hours are sealed, and after a restart', async () => {
    const wave = (endMs: number): HeadRow =>
      row(1 + ((endMs / STEP_MS) % 7) / 10, 200 + ((endMs / STEP_MS) % 13));
    fixture.play(T0, T0 + 59 * 60_000, wave);
    const window = { fromMs: T0, toMs: T0 + 55 * 60_000, stepMs: FIVE_MS };
    const before = await fixture.container(window);
    fixture.play(T0 + 59 * 60_000, T0 + 3 * HOUR_MS, wave);
    const sealed = await fixture.ask(window);
    expectAlike(sealed.containers[0]?.cpuCores, before?.cpuCores, 1e-5);
    expectAlike(sealed.containers[0]?.memoryBytes, before?.memoryBytes, 4096);
    fixture.reopen();
    expect(await fixture.ask(window)).toEqual(sealed);
  });

  it('averages the CPU of raw steps over five minutes and keeps the busy five minutes of an hour', async () => {
    const busyUntil = T0 + FIVE_MS;
    fixture.play(T0, T0 + HOUR_MS, (endMs) =>
      row(endMs <= busyUntil ? ((endMs / STEP_MS) % 2) * 4 : 0.1, 100),
    );
    const five = await fixture.container({ fromMs: T0, toMs: T0 + HOUR_MS, stepMs: FIVE_MS });
    expect(five?.cpuCores?.max[0]).toBeCloseTo(2, 6);
    const hour = await fixture.container({ fromMs: T0, toMs: T0 + HOUR_MS, stepMs: HOUR_MS });
    expect(hour?.cpuCores?.max[0]).toBeCloseTo(2, 6);
    expect(hour?.cpuCores?.mean[0]).toBeCloseTo((2 * 10 + 0.1 * 110) / 120 / 2, 4);
  });

  it('keeps gaps as gaps on every level', async () => {
    const gapFrom = T0 + HOUR_MS;
    const gapTo = T0 + 4 * HOUR_MS;
    fixture.play(T0, T0 + 6 * HOUR_MS, (endMs) =>
      endMs > gapFrom && endMs <= gapTo ? undefined : row(1, 100),
    );
    const five = await fixture.container({ fromMs: T0, toMs: T0 + 6 * HOUR_MS, stepMs: FIVE_MS });
    const known = [...(five?.cpuCores?.max ?? [])].map((value) => !Number.isNaN(value));
    expect(known).toEqual(Array.from({ length: 72 }, (_, step) => step < 12 || step >= 48));
    const hours = await fixture.container({ fromMs: T0, toMs: T0 + 6 * HOUR_MS, stepMs: HOUR_MS });
    expect([...(hours?.memoryBytes?.max ?? [])].map((bytes) => bytes / MIB)).toEqual([
      100,
      NaN,
      NaN,
      NaN,
      100,
      100,
    ]);
  });

  it('serves steps that do not begin with its own', async () => {
    fixture.play(T0, T0 + 3 * HOUR_MS, () => row(1, 100));
    const shifted = await fixture.container({
      fromMs: T0 + 90_000,
      toMs: T0 + 90_000 + 2 * HOUR_MS,
      stepMs: FIVE_MS,
    });
    expect(shifted?.cpuCores?.max).toHaveLength(24);
    expect([...(shifted?.cpuCores?.max ?? [])].every((value) => value === 1)).toBe(true);
  });

  it('agrees with a plain list of samples, whatever the gaps and restarts', async () => {
    const anyRun = fc.array(
      fc.record({
        kind: fc.constantFrom('polls', 'polls', 'gap', 'restart'),
        steps: fc.integer({ min: 1, max: 150 }),
        cpu: fc.integer({ min: 0, max: 400 }),
        memory: fc.integer({ min: 1, max: 4000 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(anyRun, async (runs) => {
        fixture.restartEmpty();
        const samples = new Map<number, Sample>();
        let endMs = T0;
        for (const run of runs) {
          if (run.kind === 'restart') fixture.reopen();
          for (let step = 0; step < run.steps; step += 1) {
            endMs += STEP_MS;
            if (run.kind !== 'polls') continue;
            const sample = { cores: ((run.cpu * (step + 1)) % 500) / 100, mib: run.memory };
            samples.set(endMs, sample);
            fixture.record(endMs, [[APP, row(sample.cores, sample.mib)]]);
          }
        }
        const steps = Math.ceil((endMs - T0) / FIVE_MS);
        const app = await fixture.container({ fromMs: T0, toMs: T0 + steps * FIVE_MS, stepMs: FIVE_MS });
        expect(app === undefined).toBe(samples.size === 0);
        if (app === undefined) return;
        const expected = Array.from({ length: steps }, (_, step) => expectedStep(samples, step));
        const column = (pick: (step: Step) => number): Float64Array => Float64Array.from(expected, pick);
        const grid = { startMs: T0, stepMs: FIVE_MS, pods: column(({ pods }) => pods) };
        const cpu = { ...grid, max: column(({ cpu }) => cpu), mean: column(({ cpu }) => cpu / 2) };
        const memory = {
          ...grid,
          max: column(({ bytes }) => bytes),
          mean: column(({ meanBytes }) => meanBytes),
        };
        expectAlike(app.cpuCores, cpu, 2e-5);
        expectAlike(app.memoryBytes, memory, 4096);
      }),
      { numRuns: 25 },
    );
  });
});

interface Sample {
  readonly cores: number;
  readonly mib: number;
}

interface Step {
  readonly cpu: number;
  readonly bytes: number;
  readonly meanBytes: number;
  readonly pods: number;
}

function expectedStep(samples: ReadonlyMap<number, Sample>, step: number): Step {
  const inStep = [...samples]
    .filter(([atMs]) => Math.ceil((atMs - T0) / FIVE_MS) - 1 === step)
    .map(([, sample]) => sample);
  if (inStep.length === 0)
    return { cpu: Number.NaN, bytes: Number.NaN, meanBytes: Number.NaN, pods: Number.NaN };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    cpu: mean(inStep.map(({ cores }) => cores)),
    bytes: Math.max(...inStep.map(({ mib }) => mib)) * MIB,
    meanBytes: (mean(inStep.map(({ mib }) => mib)) * MIB) / 2,
    pods: 1,
  };
}

describe('the interval', () => {
  it('must fill five minutes with whole steps', () => {
    expect(() => UsageHistory.open(':memory:', { rawStepMs: 40_000 })).toThrow('KC_CONFIG_INVALID');
    expect(() => UsageHistory.open(':memory:', { rawStepMs: 1000 })).toThrow('KC_CONFIG_INVALID');
  });

  it('may be changed from one start to the next', async () => {
    fixture.play(T0, T0 + 90 * 60_000, () => row(1, 100));
    fixture.reopen({ rawStepMs: 60_000 });
    for (let endMs = T0 + 91 * 60_000; endMs <= T0 + 4 * HOUR_MS; endMs += 60_000)
      fixture.record(endMs, [[APP, row(2, 100)]]);
    const app = await fixture.container({ fromMs: T0, toMs: T0 + 4 * HOUR_MS, stepMs: HOUR_MS });
    expect([...(app?.cpuCores?.max ?? [])]).toEqual([1, 2, 2, 2]);
  });
});

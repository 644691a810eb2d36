import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldColumns, lastKnownMs, overlay, type StepColumns, unknownColumns } from './step-columns.ts';

const MINUTE_MS = 60_000;

/** Pods × steps of CPU; a pod is undefined where it was not sampled. */
type Usage = readonly (readonly (number | undefined)[])[];

const anyUsage: fc.Arbitrary<Usage> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }))
  .chain(([pods, steps]) =>
    fc.array(
      fc.array(fc.option(fc.double({ min: 0, max: 64, noNaN: true }), { nil: undefined }), {
        minLength: steps,
        maxLength: steps,
      }),
      { minLength: pods, maxLength: pods },
    ),
  );

function sampledIn(usage: Usage, step: number): readonly number[] {
  return usage.flatMap((pod) => pod[step] ?? []);
}

function columnsOf(usage: Usage): StepColumns {
  const columns = unknownColumns({ startMs: 0, stepMs: MINUTE_MS, steps: usage[0]?.length ?? 0 });
  for (let step = 0; step < columns.grid.steps; step += 1) {
    const values = sampledIn(usage, step);
    if (values.length === 0) continue;
    columns.cpuMax[step] = columns.memoryMax[step] = Math.max(...values);
    columns.cpuMean[step] = columns.memoryMean[step] = mean(values);
    columns.pods[step] = columns.weight[step] = values.length;
  }
  return columns;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('folding steps into longer ones', () => {
  const whole = (columns: StepColumns, peak: 'highest' | 'average'): StepColumns =>
    foldColumns(columns, { startMs: 0, stepMs: MINUTE_MS * columns.grid.steps, steps: 1 }, peak);

  it('weighs the mean by samples, so that it is the mean of all samples', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const folded = whole(columnsOf(usage), 'highest');
        const samples = usage.flatMap((pod) => pod.flatMap((value) => value ?? []));
        expect(folded.weight[0]).toEqual(samples.length === 0 ? Number.NaN : samples.length);
        if (samples.length > 0) expect(folded.cpuMean[0]).toBeCloseTo(mean(samples), 8);
        else expect(folded.cpuMean[0]).toBeNaN();
      }),
    );
  });

  it('never puts the averaged CPU peak below the mean of the busiest pod, nor above the highest peak', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const always = usage.map((pod) => pod.map((value) => value ?? 0));
        const folded = whole(columnsOf(always), 'average');
        const busiest = Math.max(...always.map(mean));
        expect(folded.cpuMax[0]).toBeGreaterThanOrEqual(busiest - 1e-9);
        expect(folded.cpuMax[0]).toBeLessThanOrEqual(Math.max(...always.flat()) + 1e-9);
      }),
    );
  });

  it('averages the CPU of a single pod exactly and keeps its memory peak', () => {
    const folded = whole(columnsOf([[1, 2, undefined, 9]]), 'average');
    expect([folded.cpuMax[0], folded.cpuMean[0], folded.memoryMax[0], folded.pods[0]]).toEqual([4, 4, 9, 1]);
  });

  it('keeps a quantity unknown that nobody measured, beside one that was', () => {
    const columns = columnsOf([[1, 2]]);
    columns.cpuMax.fill(Number.NaN);
    columns.cpuMean.fill(Number.NaN);
    const folded = whole(columns, 'average');
    expect([folded.cpuMax[0], folded.cpuMean[0], folded.memoryMax[0]]).toEqual([Number.NaN, Number.NaN, 2]);
  });
});

describe('overlaying steps', () => {
  const base = columnsOf([[1, undefined, 3]]);
  const other = columnsOf([[undefined, 20, 30]]);

  it('replaces with what is known', () => {
    const into = structuredClone(base);
    overlay(into, other, 'replace');
    expect([...into.cpuMax]).toEqual([1, 20, 30]);
  });

  it('fills only what is unknown', () => {
    const into = structuredClone(base);
    overlay(into, other, 'fill');
    expect([...into.cpuMax]).toEqual([1, 20, 3]);
  });

  it('leaves out what lies beyond the grid', () => {
    const into = unknownColumns({ startMs: MINUTE_MS, stepMs: MINUTE_MS, steps: 1 });
    overlay(into, columnsOf([[1, 2, 3]]), 'replace');
    expect([...into.cpuMax]).toEqual([2]);
    expect(lastKnownMs(into)).toBe(2 * MINUTE_MS);
  });
});

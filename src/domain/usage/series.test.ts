import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fillGaps,
  gridOf,
  knownSteps,
  queryGrid,
  resample,
  stepAt,
  stepEndMs,
  unknownSeries,
} from './series.ts';
import type { UsageSeries } from './usage.ts';

interface Point {
  readonly mean: number;
  readonly over: number;
  readonly pods: number;
}

function series(points: readonly (Point | undefined)[], startMs = 0, stepMs = 60_000): UsageSeries {
  const column = (pick: (point: Point) => number): Float64Array =>
    Float64Array.from(points, (point) => (point === undefined ? Number.NaN : pick(point)));
  return {
    startMs,
    stepMs,
    max: column(({ mean, over }) => mean + over),
    mean: column(({ mean }) => mean),
    pods: column(({ pods }) => pods),
  };
}

const anyPoint = fc.record({
  mean: fc.double({ min: 0, max: 1000, noNaN: true }),
  over: fc.double({ min: 0, max: 1000, noNaN: true }),
  pods: fc.integer({ min: 1, max: 50 }),
});
const anySeries = fc
  .array(fc.option(anyPoint, { nil: undefined }), { maxLength: 60 })
  .map((points) => series(points));
const finite = (values: Float64Array): number[] => [...values].filter((value) => !Number.isNaN(value));
const highest = (values: Float64Array): number => Math.max(...finite(values), Number.NEGATIVE_INFINITY);

describe('a grid', () => {
  it('has the whole steps that fit into the query', () => {
    expect(queryGrid({ fromMs: 5, toMs: 29, stepMs: 10 })).toEqual({ startMs: 5, stepMs: 10, steps: 2 });
    expect(queryGrid({ fromMs: 5, toMs: 1, stepMs: 10 }).steps).toBe(0);
  });

  it('counts the end of a step to the step and its start to the one before', () => {
    const grid = { startMs: 100, stepMs: 10, steps: 3 };
    expect([100, 101, 110, 111, 130, 131].map((atMs) => stepAt(grid, atMs))).toEqual([
      undefined, 0, 0, 1, 2, undefined,
    ]); // prettier-ignore
    expect(stepAt(grid, stepEndMs(grid, 1))).toBe(1);
  });
});

describe('resampling', () => {
  const minutes = (mean: number, over: number, pods: number): Point => ({ mean, over, pods });

  it('takes the highest peak, the mean weighted by pods and the most pods', () => {
    const input = series([minutes(1, 3, 1), undefined, minutes(4, 0, 2), undefined]);
    const output = resample(input, { startMs: 0, stepMs: 180_000, steps: 1 }, 'highest');
    expect([output.max[0], output.mean[0], output.pods[0]]).toEqual([4, 3, 2]);
  });

  it('averages the peaks where it is told to', () => {
    const input = series([minutes(1, 3, 1), undefined, minutes(2, 0, 2)]);
    expect(resample(input, { startMs: 0, stepMs: 180_000, steps: 1 }, 'average').max[0]).toBe(3);
  });

  it('leaves a step without a sample unknown', () => {
    const input = series([minutes(1, 1, 1), undefined, undefined, minutes(1, 1, 1)]);
    const output = resample(input, { startMs: 0, stepMs: 60_000 * 2, steps: 3 }, 'highest');
    expect([...output.max]).toEqual([2, 2, Number.NaN]);
    const finer = resample(input, { startMs: 0, stepMs: 30_000, steps: 4 }, 'average');
    expect([...finer.max]).toEqual([Number.NaN, 2, Number.NaN, Number.NaN]);
  });

  it('keeps the peak of the whole and stays between its bounds', () => {
    fc.assert(
      fc.property(anySeries, fc.integer({ min: 1, max: 7 }), (input, factor) => {
        const grid = { startMs: 0, stepMs: 60_000 * factor, steps: Math.ceil(input.max.length / factor) };
        const peaks = resample(input, grid, 'highest');
        const averages = resample(input, grid, 'average');
        expect(highest(peaks.max)).toBe(highest(input.max));
        expect(highest(peaks.pods)).toBe(highest(input.pods));
        for (const [step, average] of averages.max.entries()) {
          const peak = peaks.max[step] ?? Number.NaN;
          expect(Number.isNaN(average)).toBe(Number.isNaN(peak));
          if (!Number.isNaN(average)) expect(average).toBeLessThanOrEqual(peak * (1 + 1e-12));
          if (!Number.isNaN(average)) expect(peaks.mean[step]).toBeLessThanOrEqual(peak * (1 + 1e-12));
        }
      }),
    );
  });

  it('is the identity on its own grid', () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom('highest' as const, 'average' as const), (input, peak) => {
        const same = resample(input, gridOf(input), peak);
        expect(same.max).toEqual(input.max);
        expect(same.pods).toEqual(input.pods);
        const [mean, expected] = [finite(same.mean), finite(input.mean)];
        expect(mean).toHaveLength(expected.length);
        for (const [step, value] of mean.entries()) expect(value).toBeCloseTo(expected[step] ?? NaN, 9);
      }),
    );
  });

  it('may be done in two goes where peaks are taken as they are', () => {
    fc.assert(
      fc.property(anySeries, (input) => {
        const half = { startMs: 0, stepMs: 120_000, steps: 30 };
        const whole = { startMs: 0, stepMs: 360_000, steps: 10 };
        expect(resample(resample(input, half, 'highest'), whole, 'highest').max).toEqual(
          resample(input, whole, 'highest').max,
        );
      }),
    );
  });
});

describe('filling gaps', () => {
  it('never changes what is known and knows what either knew', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.option(anyPoint, { nil: undefined }), fc.option(anyPoint, { nil: undefined })), {
          maxLength: 40,
        }),
        (pairs) => {
          const first = series(pairs.map(([one]) => one));
          const filled = fillGaps(first, series(pairs.map(([, other]) => other)));
          expect(knownSteps(filled)).toBe(
            pairs.filter(([one, other]) => (one ?? other) !== undefined).length,
          );
          for (const [step, value] of first.max.entries()) {
            if (!Number.isNaN(value)) expect(filled.max[step]).toBe(value);
          }
        },
      ),
    );
  });

  it('knows nothing of an unknown series', () => {
    expect(knownSteps(unknownSeries({ startMs: 0, stepMs: 1, steps: 9 }))).toBe(0);
  });
});

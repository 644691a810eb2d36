/** Arithmetic on usage series: grids, resampling to longer steps, filling the gaps of one series from another. */
import type { UsageQuery, UsageSeries } from './usage.ts';

/** `steps` steps of `stepMs`; step `i` covers (startMs + i·stepMs, startMs + (i+1)·stepMs]. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
}

/** How the `max` of several steps becomes one: the highest of them, or (for short averages) their average. */
export type PeakRule = 'highest' | 'average';

/** The grid that a query asks for: from `fromMs`, the whole steps that fit before `toMs`. */
export function queryGrid(query: Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>): Grid {
  const steps = Math.max(0, Math.floor((query.toMs - query.fromMs) / query.stepMs));
  return { startMs: query.fromMs, stepMs: query.stepMs, steps };
}

export function gridOf(series: UsageSeries): Grid {
  return { startMs: series.startMs, stepMs: series.stepMs, steps: series.max.length };
}

/** The step that holds a time, or undefined where the time lies outside the grid. */
export function stepAt(grid: Grid, atMs: number): number | undefined {
  const step = Math.ceil((atMs - grid.startMs) / grid.stepMs) - 1;
  return step >= 0 && step < grid.steps ? step : undefined;
}

/** The end of a step, which belongs to it. */
export function stepEndMs(grid: Grid, step: number): number {
  return grid.startMs + (step + 1) * grid.stepMs;
}

function unknown(steps: number): Float64Array {
  return new Float64Array(steps).fill(Number.NaN);
}

/** A series of which nothing is known. */
export function unknownSeries(grid: Grid): UsageSeries {
  const { startMs, stepMs, steps } = grid;
  return { startMs, stepMs, max: unknown(steps), mean: unknown(steps), pods: unknown(steps) };
}

/** How many steps have a value. */
export function knownSteps(series: UsageSeries): number {
  let known = 0;
  for (const value of series.max) if (!Number.isNaN(value)) known += 1;
  return known;
}

/**
 * The series on another grid. A step goes, whole, to the step of the new grid that holds its end; where the new
 * steps are shorter, those between two ends stay unknown, since nothing was seen there.
 * The new mean weighs each old one by its pods; `pods` is the highest.
 */
export function resample(series: UsageSeries, grid: Grid, peak: PeakRule): UsageSeries {
  const old = gridOf(series);
  const fold = new Fold(grid, peak);
  for (let step = 0; step < old.steps; step += 1) {
    const target = stepAt(grid, stepEndMs(old, step));
    if (target !== undefined) fold.add(target, series, step);
  }
  return { ...fold.series(), ...(series.rejected === undefined ? {} : { rejected: series.rejected }) };
}

/** Sums up old steps per new step. */
class Fold {
  readonly #grid: Grid;
  readonly #peak: PeakRule;
  readonly #max: Float64Array;
  readonly #mean: Float64Array;
  readonly #pods: Float64Array;
  readonly #maxCount: Float64Array;
  readonly #meanWeight: Float64Array;

  constructor(grid: Grid, peak: PeakRule) {
    this.#grid = grid;
    this.#peak = peak;
    this.#max = unknown(grid.steps);
    this.#mean = unknown(grid.steps);
    this.#pods = unknown(grid.steps);
    this.#maxCount = new Float64Array(grid.steps);
    this.#meanWeight = new Float64Array(grid.steps);
  }

  add(target: number, from: UsageSeries, step: number): void {
    const [max = Number.NaN, mean = Number.NaN, pods = Number.NaN] = [
      from.max[step],
      from.mean[step],
      from.pods[step],
    ];
    if (!Number.isNaN(max)) this.#addMax(target, max);
    if (!Number.isNaN(mean)) {
      const weight = pods > 0 ? pods : 1;
      accumulate(this.#mean, target, mean * weight);
      accumulate(this.#meanWeight, target, weight);
    }
    if (!Number.isNaN(pods)) raise(this.#pods, target, pods);
  }

  #addMax(target: number, max: number): void {
    if (this.#peak === 'highest') raise(this.#max, target, max);
    else accumulate(this.#max, target, max);
    accumulate(this.#maxCount, target, 1);
  }

  series(): UsageSeries {
    const max =
      this.#peak === 'highest'
        ? this.#max
        : this.#max.map((sum, step) => sum / (this.#maxCount[step] ?? Number.NaN));
    const mean = this.#mean.map((sum, step) => sum / (this.#meanWeight[step] ?? Number.NaN));
    return { startMs: this.#grid.startMs, stepMs: this.#grid.stepMs, max, mean, pods: this.#pods };
  }
}

function raise(values: Float64Array, step: number, value: number): void {
  const held = values[step] ?? Number.NaN;
  values[step] = held >= value ? held : value;
}

function accumulate(values: Float64Array, step: number, value: number): void {
  const held = values[step] ?? Number.NaN;
  values[step] = Number.isNaN(held) ? value : held + value;
}

/** `first`, with what it does not know taken from `second`, step by step. Both lie on the same grid. */
export function fillGaps(first: UsageSeries, second: UsageSeries): UsageSeries {
  const pick =
    (other: Float64Array) =>
    (value: number, step: number): number =>
      Number.isNaN(first.max[step] ?? Number.NaN) ? (other[step] ?? Number.NaN) : value;
  return {
    ...first,
    max: first.max.map(pick(second.max)),
    mean: first.mean.map(pick(second.mean)),
    pods: first.pods.map(pick(second.pods)),
  };
}

/** A stretch of one container's history as columns, and how many short steps become one long one. */
import { type Grid, stepAt, stepEndMs } from '#domain/usage/series.ts';

/** Every array has `grid.steps` values; NaN is unknown. */
export interface StepColumns {
  readonly grid: Grid;
  readonly cpuMax: Float64Array;
  readonly cpuMean: Float64Array;
  readonly memoryMax: Float64Array;
  readonly memoryMean: Float64Array;
  /** The most pods that were sampled at one time. */
  readonly pods: Float64Array;
  /** Samples of single pods that the means stand for. */
  readonly weight: Float64Array;
}

export type ColumnName = Exclude<keyof StepColumns, 'grid'>;
export const COLUMN_NAMES: readonly ColumnName[] = [
  'cpuMax',
  'cpuMean',
  'memoryMax',
  'memoryMean',
  'pods',
  'weight',
];

export function unknownColumns(grid: Grid): StepColumns {
  const column = (): Float64Array => new Float64Array(grid.steps).fill(Number.NaN);
  return {
    grid,
    cpuMax: column(),
    cpuMean: column(),
    memoryMax: column(),
    memoryMean: column(),
    pods: column(),
    weight: column(),
  };
}

/** A step is known when any pod was sampled in it. */
export function isKnown(columns: StepColumns, step: number): boolean {
  return !Number.isNaN(columns.pods[step] ?? Number.NaN);
}

/** The end of the last known step; undefined where nothing is known. */
export function lastKnownMs(columns: StepColumns): number | undefined {
  const step = columns.pods.findLastIndex((pods) => !Number.isNaN(pods));
  return step < 0 ? undefined : stepEndMs(columns.grid, step);
}

/** Which of two values for the same step is kept. */
export type Overlay = 'replace' | 'fill';

/**
 * Writes the known steps of `from` into `into`, each at the step that holds its end: over what stands there, or only
 * where nothing is known yet.
 */
export function overlay(into: StepColumns, from: StepColumns, mode: Overlay): void {
  for (let step = 0; step < from.grid.steps; step += 1) {
    const target = isKnown(from, step) ? stepAt(into.grid, stepEndMs(from.grid, step)) : undefined;
    if (target === undefined || (mode === 'fill' && isKnown(into, target))) continue;
    for (const name of COLUMN_NAMES) into[name][target] = from[name][step] ?? Number.NaN;
  }
}

/** How CPU peaks of short steps become one: see foldColumns. */
export type CpuPeak = 'highest' | 'average';

/**
 * The columns on a grid of longer steps. Memory peaks and pods take the highest, means are weighted by their samples.
 * CPU peaks of steps shorter than CPU_AVERAGING_MS are averaged: the mean over time of the busiest pod is never below
 * the busiest pod's own mean, and equals it while one pod stays the busiest. Longer steps take the highest.
 */
export function foldColumns(columns: StepColumns, grid: Grid, cpuPeak: CpuPeak): StepColumns {
  const folded = unknownColumns(grid);
  const column = (): Float64Array => new Float64Array(grid.steps);
  const divisors: Divisors = { cpuMax: column(), cpuMean: column(), memoryMean: column() };
  for (let step = 0; step < columns.grid.steps; step += 1) {
    const target = isKnown(columns, step) ? stepAt(grid, stepEndMs(columns.grid, step)) : undefined;
    if (target === undefined) continue;
    const at = (name: ColumnName): number => columns[name][step] ?? Number.NaN;
    const weight = at('weight');
    for (const name of ['memoryMax', 'pods'] as const) raise(folded[name], target, at(name));
    add(folded.weight, target, weight);
    addWeighted({ folded, divisors, name: 'cpuMean' }, target, { value: at('cpuMean'), weight });
    addWeighted({ folded, divisors, name: 'memoryMean' }, target, { value: at('memoryMean'), weight });
    if (cpuPeak === 'highest') raise(folded.cpuMax, target, at('cpuMax'));
    else addWeighted({ folded, divisors, name: 'cpuMax' }, target, { value: at('cpuMax'), weight: 1 });
  }
  divide(folded.cpuMean, divisors.cpuMean);
  divide(folded.memoryMean, divisors.memoryMean);
  if (cpuPeak === 'average') divide(folded.cpuMax, divisors.cpuMax);
  return folded;
}

type Divisors = Readonly<Record<'cpuMax' | 'cpuMean' | 'memoryMean', Float64Array>>;

interface WeightedColumn {
  readonly folded: StepColumns;
  readonly divisors: Divisors;
  readonly name: keyof Divisors;
}

function addWeighted(
  { folded, divisors, name }: WeightedColumn,
  step: number,
  { value, weight }: { readonly value: number; readonly weight: number },
): void {
  if (Number.isNaN(value)) return;
  add(folded[name], step, value * weight);
  add(divisors[name], step, weight);
}

function raise(column: Float64Array, step: number, value: number): void {
  const held = column[step] ?? Number.NaN;
  if (!(held >= value) && !Number.isNaN(value)) column[step] = value;
}

function add(column: Float64Array, step: number, amount: number): void {
  const held = column[step] ?? Number.NaN;
  column[step] = Number.isNaN(held) ? amount : held + amount;
}

function divide(column: Float64Array, by: Float64Array): void {
  for (const [step, divisor] of by.entries()) column[step] = (column[step] ?? Number.NaN) / divisor;
}

/**
 * Columns as bytes: about five bytes a step instead of forty-eight. CPU is kept in units of 10 µcores, memory in pages
 * of 4 KiB (in which working sets are counted anyway). Peaks are deltas to the step before; means are what they lie
 * below the peak, which is nothing for a single pod; weights are what they lack to full.
 *
 *   block   = version, stepMs, steps, fullWeight, pods, cpu, memory
 *   pods    = runs, { zigzag Δpods, pods·fullWeight − weight }
 *   cpu     = runs, { zigzag Δmax, max − mean }          (memory alike)
 *   runs    = how many unknown steps, known steps, unknown …, until `steps` are reached
 */
import type { Grid } from '#domain/usage/series.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type StepColumns, unknownColumns } from './step-columns.ts';

const VERSION = 1;
export const CPU_UNIT_CORES = 1e-5;
export const MEMORY_UNIT_BYTES = 4096;
/** More steps than a block can have: what says so is no block. */
const MAX_STEPS = 100_000;

/** How many samples of one pod a step of the block has when none is missing. */
export interface BlockShape {
  readonly fullWeight: number;
}

export function encodeBlock(columns: StepColumns, shape: BlockShape): Uint8Array {
  const out = new ByteWriter();
  for (const value of [VERSION, columns.grid.stepMs, columns.grid.steps, shape.fullWeight])
    out.unsigned(value);
  writePods(out, columns, shape.fullWeight);
  for (const quantity of quantitiesOf(columns)) writeQuantity(out, quantity);
  return out.bytes();
}

/** The columns of a block that begins at `startMs`. Throws RangeError where the bytes are not a block. */
export function decodeBlock(bytes: Uint8Array, startMs: number): StepColumns {
  const from = new ByteReader(bytes);
  const version = from.unsigned();
  const grid: Grid = { startMs, stepMs: from.unsigned(), steps: from.unsigned() };
  const fullWeight = from.unsigned();
  if (version !== VERSION || grid.steps > MAX_STEPS || grid.stepMs === 0)
    throw new RangeError('not a block of history');
  const columns = unknownColumns(grid);
  readPods(from, columns, fullWeight);
  for (const quantity of quantitiesOf(columns)) readQuantity(from, quantity);
  return columns;
}

interface QuantityColumns {
  readonly max: Float64Array;
  readonly mean: Float64Array;
  readonly unit: number;
}

function quantitiesOf(columns: StepColumns): readonly QuantityColumns[] {
  return [
    { max: columns.cpuMax, mean: columns.cpuMean, unit: CPU_UNIT_CORES },
    { max: columns.memoryMax, mean: columns.memoryMean, unit: MEMORY_UNIT_BYTES },
  ];
}

function writePods(out: ByteWriter, { pods, weight }: StepColumns, fullWeight: number): void {
  writeRuns(out, pods);
  let before = 0;
  for (const [step, count] of pods.entries()) {
    if (Number.isNaN(count)) continue;
    out.signed(count - before);
    out.unsigned(Math.max(0, count * fullWeight - Math.round(weight[step] ?? 0)));
    before = count;
  }
}

function readPods(from: ByteReader, { pods, weight }: StepColumns, fullWeight: number): void {
  let before = 0;
  for (const step of knownSteps(from, pods.length)) {
    before += from.signed();
    pods[step] = before;
    weight[step] = before * fullWeight - from.unsigned();
  }
}

function writeQuantity(out: ByteWriter, { max, mean, unit }: QuantityColumns): void {
  writeRuns(out, max);
  let before = 0;
  for (const [step, value] of max.entries()) {
    if (Number.isNaN(value)) continue;
    const units = Math.round(value / unit);
    out.signed(units - before);
    out.unsigned(Math.max(0, units - Math.round((mean[step] ?? value) / unit)));
    before = units;
  }
}

/** The amount of a whole number of units. Dividing keeps 0.25 cores 0.25; multiplying by 10⁻⁵ would not. */
export function fromUnits(units: number, unit: number): number {
  return unit < 1 ? units / Math.round(1 / unit) : units * unit;
}

function readQuantity(from: ByteReader, { max, mean, unit }: QuantityColumns): void {
  let before = 0;
  for (const step of knownSteps(from, max.length)) {
    before += from.signed();
    max[step] = fromUnits(before, unit);
    mean[step] = fromUnits(before - from.unsigned(), unit);
  }
}

function writeRuns(out: ByteWriter, values: Float64Array): void {
  let [length, known] = [0, false];
  for (const value of values) {
    if (Number.isNaN(value) === known) {
      out.unsigned(length);
      [length, known] = [0, !known];
    }
    length += 1;
  }
  out.unsigned(length);
}

function knownSteps(from: ByteReader, steps: number): readonly number[] {
  const indexes: number[] = [];
  let [step, known] = [0, false];
  do {
    const end = step + from.unsigned();
    if (end > steps) throw new RangeError('a run of steps is longer than the block');
    if (known) for (let index = step; index < end; index += 1) indexes.push(index);
    [step, known] = [end, !known];
  } while (step < steps);
  return indexes;
}

/**
 * What every container used in a span of time, without running through it: as it was lived where the fleet was
 * there, and before that as the same pure models have it. What is simulated later joins on without a seam.
 */
import { CELL_MS, type ContainerModel } from './container-model.ts';
import type { ContainerRun } from './container-history.ts';
import type { ContainerLimits, Stretch } from './container-meter.ts';
import type { FleetUsage, PodUsage } from './fleet-usage.ts';
import { activeShare, throttledShare, throttledTimeShare } from './throttling.ts';

export interface PastRange {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
}

export interface PastOomKill {
  readonly atMs: number;
  readonly limitBytes: number | undefined;
}

/** One container of one pod. Step `i` covers (fromMs + i·stepMs, fromMs + (i+1)·stepMs]. */
export interface PastSeries {
  readonly pod: PodUsage;
  readonly container: string;
  /** As they were at the end. */
  readonly limits: ContainerLimits;
  /** The part of the step in which it ran, 0–1. */
  readonly runShare: Float64Array;
  /** CPU time used per time of the step, in cores; divided by `runShare` it is what was used while it ran. */
  readonly cpuCores: Float64Array;
  /** Peak within the step, in bytes; 0 while it did not run. */
  readonly memoryBytes: Float64Array;
  /** Of the CFS periods that the step has room for: those that counted, and those that were throttled. */
  readonly cfsShare: Float64Array;
  readonly throttledShare: Float64Array;
  /** The share of time that throttling took. */
  readonly throttledTimeShare: Float64Array;
  readonly oomKills: readonly PastOomKill[];
  readonly restartsMs: readonly number[];
}

/**
 * One series for each container that ran in the range. What runs now is taken to go on as it is, so that the
 * range may reach into the future.
 */
export function pastUsage(usage: FleetUsage, range: PastRange): readonly PastSeries[] {
  return [...usage.everyPod()].flatMap((pod) =>
    [...pod.histories].flatMap(([container, history]) => {
      const runs = history.runs(usage.pastShare(pod)).filter((run) => overlaps(run, range));
      return runs.length === 0 ? [] : [{ pod, container, ...seriesOf(runs, range) }];
    }),
  );
}

function overlaps(run: ContainerRun, { fromMs, untilMs }: PastRange): boolean {
  return run.endMs > fromMs && run.fromMs < untilMs;
}

function seriesOf(runs: readonly ContainerRun[], range: PastRange): Omit<PastSeries, 'pod' | 'container'> {
  const walk = new PastWalk(range);
  for (const run of runs) walk.add(run);
  const isInside = (atMs: number): boolean => atMs > range.fromMs && atMs <= range.untilMs;
  return {
    ...walk.columns,
    limits: lastLimits(runs),
    oomKills: runs
      .filter(({ isOomKilled, endMs }) => isOomKilled && isInside(endMs))
      .map((run) => ({ atMs: run.endMs, limitBytes: lastLimits([run]).memoryBytes })),
    restartsMs: runs
      .filter((run) => run.isRestart)
      .map((run) => run.fromMs)
      .filter(isInside),
  };
}

function lastLimits(runs: readonly ContainerRun[]): ContainerLimits {
  return runs.at(-1)?.stretches.at(-1)?.limits ?? { cpuCores: undefined, memoryBytes: undefined };
}

const COLUMNS = [
  'runShare',
  'cpuCores',
  'memoryBytes',
  'cfsShare',
  'throttledShare',
  'throttledTimeShare',
] as const;
type Columns = Readonly<Record<(typeof COLUMNS)[number], Float64Array>>;

/** Sums up usage cell by cell. */
class PastWalk {
  readonly columns: Columns;
  readonly #range: PastRange;

  constructor(range: PastRange) {
    const steps = Math.ceil((range.untilMs - range.fromMs) / range.stepMs);
    this.columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(steps)])) as Columns;
    this.#range = range;
  }

  add({ model, stretches, fromMs, endMs }: ContainerRun): void {
    for (const [index, stretch] of stretches.entries()) {
      const beginMs = Math.max(stretch.fromMs, fromMs, this.#range.fromMs);
      const untilMs = Math.min(stretches[index + 1]?.fromMs ?? endMs, this.#range.untilMs);
      this.#addStretch(model, stretch, { beginMs, untilMs });
    }
  }

  #addStretch(model: ContainerModel, { place, limits }: Stretch, { beginMs, untilMs: endMs }: Span): void {
    for (let atMs = beginMs; atMs < endMs;) {
      const untilMs = Math.min(this.#nextEdge(atMs), endMs);
      const step = Math.floor((atMs - this.#range.fromMs) / this.#range.stepMs);
      const { cpuCores, memoryBytes } = model.demand(atMs, place);
      const part = (untilMs - atMs) / this.#range.stepMs;
      this.#addCpu(step, part, { demandCores: cpuCores, limitCores: limits.cpuCores });
      // The kernel does not let it have more, whatever it wants.
      this.#raiseMemory(step, Math.min(memoryBytes, limits.memoryBytes ?? Infinity));
      atMs = untilMs;
    }
  }

  #addCpu(step: number, part: number, { demandCores, limitCores }: CpuMoment): void {
    const { columns } = this;
    add(columns.runShare, step, part);
    add(columns.cpuCores, step, Math.min(demandCores, limitCores ?? Infinity) * part);
    if (limitCores === undefined) return;
    const counted = part * activeShare(demandCores);
    add(columns.cfsShare, step, counted);
    add(columns.throttledShare, step, counted * throttledShare(demandCores, limitCores));
    add(columns.throttledTimeShare, step, part * throttledTimeShare(demandCores, limitCores));
  }

  #raiseMemory(step: number, bytes: number): void {
    const { memoryBytes } = this.columns;
    memoryBytes[step] = Math.max(memoryBytes[step] ?? 0, bytes);
  }

  /** The end of the cell or of the step, whichever comes first. */
  #nextEdge(atMs: number): number {
    const { fromMs, stepMs } = this.#range;
    const cellEnd = (Math.floor(atMs / CELL_MS) + 1) * CELL_MS;
    const stepEnd = fromMs + (Math.floor((atMs - fromMs) / stepMs) + 1) * stepMs;
    return Math.min(cellEnd, stepEnd);
  }
}

interface Span {
  readonly beginMs: number;
  readonly untilMs: number;
}

interface CpuMoment {
  readonly demandCores: number;
  readonly limitCores: number | undefined;
}

function add(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] ?? 0) + value;
}

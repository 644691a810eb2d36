/**
 * The usage of days that were never simulated: what the containers that run now would have used, had they run
 * since then. It joins on to what is simulated, as both come from the same pure models.
 */
import type { ContainerLimits } from './container-meter.ts';
import { CELL_MS, type ContainerModel } from './container-model.ts';
import type { FleetUsage, PodUsage } from './fleet-usage.ts';
import { type PastLife, pastLives } from './past-lives.ts';
import { throttledShare, throttledTimeShare } from './throttling.ts';

export interface PastRange {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
}

/** Step `i` covers (fromMs + i·stepMs, fromMs + (i+1)·stepMs]. */
export interface PastSeries {
  readonly pod: PodUsage;
  readonly container: string;
  readonly limits: ContainerLimits;
  /** Mean within the step, in cores. */
  readonly cpuCores: Float64Array;
  /** Peak within the step, in bytes; 0 while it did not run. */
  readonly memoryBytes: Float64Array;
  /** Share of CFS periods that were throttled, and of time that was lost. */
  readonly throttledShare: Float64Array;
  readonly throttledTimeShare: Float64Array;
  readonly oomKillsMs: readonly number[];
}

/** One series for each container that runs now. */
export function pastUsage(usage: FleetUsage, range: PastRange): readonly PastSeries[] {
  return [...usage.pods()].flatMap((pod) =>
    [...pod.meters].map(([container, meter]) => {
      const { share } = usage.pastPlace(pod.uid);
      const question = {
        model: meter.model,
        seed: meter.place.seed,
        share,
        limits: meter.limits,
        sinceMs: range.fromMs,
        untilMs: range.untilMs,
      };
      const lives = pastLives(question);
      return { pod, container, limits: meter.limits, ...walk(question, lives, range) };
    }),
  );
}

interface Walker {
  readonly model: ContainerModel;
  readonly seed: number;
  readonly share: number;
  readonly limits: ContainerLimits;
}

type Walked = Omit<PastSeries, 'pod' | 'container' | 'limits'>;

function walk({ model, seed, share, limits }: Walker, lives: readonly PastLife[], range: PastRange): Walked {
  const steps = Math.ceil((range.untilMs - range.fromMs) / range.stepMs);
  const series = {
    cpuCores: new Float64Array(steps),
    memoryBytes: new Float64Array(steps),
    throttledShare: new Float64Array(steps),
    throttledTimeShare: new Float64Array(steps),
  };
  for (const { bornMs, endMs } of lives) {
    for (let atMs = bornMs; atMs < endMs;) {
      const untilMs = Math.min(nextEdge(atMs, range), endMs);
      const step = Math.floor((atMs - range.fromMs) / range.stepMs);
      const { cpuCores, memoryBytes } = model.demand(atMs, { seed, share, bornMs });
      const part = (untilMs - atMs) / range.stepMs;
      add(series.cpuCores, step, Math.min(cpuCores, limits.cpuCores ?? Infinity) * part);
      add(series.throttledShare, step, throttledShare(cpuCores, limits.cpuCores) * part);
      add(series.throttledTimeShare, step, throttledTimeShare(cpuCores, limits.cpuCores) * part);
      series.memoryBytes[step] = Math.max(series.memoryBytes[step] ?? 0, memoryBytes);
      atMs = untilMs;
    }
  }
  return { ...series, oomKillsMs: lives.filter((life) => life.isKilled).map((life) => life.endMs) };
}

/** The end of the cell or of the step, whichever comes first. */
function nextEdge(atMs: number, { fromMs, stepMs }: PastRange): number {
  const cellEnd = (Math.floor(atMs / CELL_MS) + 1) * CELL_MS;
  const stepEnd = fromMs + (Math.floor((atMs - fromMs) / stepMs) + 1) * stepMs;
  return Math.min(cellEnd, stepEnd);
}

function add(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] ?? 0) + value;
}

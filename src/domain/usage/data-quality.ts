/**
 * How good the usage data of a workload is, so that a decision can refuse to act on too little of it and can say
 * why. Everything here is counted per container from the series that the decision reads.
 */
import { type Grid, queryGrid, stepEndMs } from './series.ts';
import type { ContainerUsage, UsageQuery, UsageSeries, WorkloadUsage } from './usage.ts';

export interface DataQuality {
  readonly container: string;
  /** Which source answered. */
  readonly source: string;
  /** Steps with a sample, in the worse of CPU and memory. */
  readonly samples: number;
  /** Steps that the query asked for. */
  readonly expected: number;
  /** samples / expected, 0–1; 0 where nothing was asked for. */
  readonly coverage: number;
  /** The share of steps with a sample since the first one: a young workload has low coverage but no holes. */
  readonly continuity: number;
  /** How old the newest sample was at the end of the query; undefined where there is none. */
  readonly ageSeconds: number | undefined;
  /** The longest time without a sample after the first one, the silence at the end included. */
  readonly longestGapSeconds: number;
  /** Values that the source gave and that cannot be true: not finite, negative, absurd. */
  readonly nonFinite: number;
}

/** Collectors look every 15 to 60 s. A newest sample older than this tells of a source that stopped. */
export const STALE_AFTER_SECONDS = 900;
/** With a hole this long a daily pattern, or a nightly job, may have been missed entirely. */
export const LONG_GAP_SECONDS = 6 * 3600;
/** Below this share the percentiles of what was seen say little about the whole (product rule: gappy data, no action). */
export const MIN_COVERAGE = 0.5;
/** Above this share of impossible values the source itself cannot be trusted. */
export const MAX_NON_FINITE_SHARE = 0.05;

/** The quality of each container's data, in the order of the usage; empty where the source knows no container. */
export function assessQuality(
  usage: WorkloadUsage,
  query: Pick<UsageQuery, 'fromMs' | 'toMs' | 'stepMs'>,
): readonly DataQuality[] {
  const grid = queryGrid(query);
  return usage.containers.map((container) => {
    const [cpu, memory] = [tally(container.cpuCores, grid), tally(container.memoryBytes, grid)];
    const worse = cpu.samples <= memory.samples ? cpu : memory;
    return {
      container: container.container,
      source: usage.source,
      samples: worse.samples,
      expected: grid.steps,
      coverage: share(worse.samples, grid.steps),
      continuity: share(worse.samples, worse.sinceFirst),
      ageSeconds: ageSeconds([cpu, memory], usage, query.toMs),
      longestGapSeconds: (Math.max(cpu.longestGap, memory.longestGap) * grid.stepMs) / 1000,
      nonFinite: rejectedIn(container) + cpu.nonFinite + memory.nonFinite,
    };
  });
}

/** What is wrong with the data, one clause each; empty where it can be relied on. */
export function qualityProblems(quality: DataQuality): readonly string[] {
  const { ageSeconds: age, coverage, longestGapSeconds: gap, nonFinite, samples } = quality;
  if (age === undefined || samples === 0) return ['no sample of CPU, of memory or of both'];
  const problems: string[] = [];
  if (age > STALE_AFTER_SECONDS) problems.push(`the newest sample is ${String(Math.round(age))} s old`);
  if (coverage < MIN_COVERAGE) problems.push(`only ${percent(coverage)} of the window has samples`);
  if (gap > LONG_GAP_SECONDS) problems.push(`a gap of ${String(Math.round(gap / 3600))} h`);
  const broken = share(nonFinite, nonFinite + samples);
  if (broken > MAX_NON_FINITE_SHARE) problems.push(`${percent(broken)} of the values cannot be true`);
  return problems;
}

interface Tally {
  readonly samples: number;
  /** Steps from the first sample to the end of the grid. */
  readonly sinceFirst: number;
  /** Steps in the longest run without a sample after the first one. */
  readonly longestGap: number;
  readonly nonFinite: number;
  /** The end of the last step that has a sample. */
  readonly lastMs: number | undefined;
}

const NOTHING: Tally = { samples: 0, sinceFirst: 0, longestGap: 0, nonFinite: 0, lastMs: undefined };

function tally(series: UsageSeries | undefined, grid: Grid): Tally {
  if (series === undefined) return NOTHING;
  let [first, last, samples, longestGap, nonFinite] = [-1, -1, 0, 0, 0];
  for (const [step, value] of series.max.entries()) {
    if (Number.isFinite(value)) {
      if (first < 0) first = step;
      else longestGap = Math.max(longestGap, step - last - 1);
      last = step;
      samples += 1;
    } else if (!Number.isNaN(value)) nonFinite += 1;
  }
  if (first < 0) return { ...NOTHING, nonFinite };
  const steps = series.max.length;
  return {
    samples,
    sinceFirst: steps - first,
    longestGap: Math.max(longestGap, steps - 1 - last),
    nonFinite,
    lastMs: stepEndMs(grid, last),
  };
}

/** From the last step of this container; the source's own time of its newest sample is sharper where it is later. */
function ageSeconds(tallies: readonly Tally[], usage: WorkloadUsage, toMs: number): number | undefined {
  const ends = tallies.flatMap((each) => each.lastMs ?? []);
  if (ends.length === 0) return undefined;
  const newestMs = Math.min(Math.min(...ends), usage.lastSampleAtMs ?? Number.POSITIVE_INFINITY);
  return Math.max(0, (toMs - newestMs) / 1000);
}

function rejectedIn(container: ContainerUsage): number {
  return (container.cpuCores?.rejected ?? 0) + (container.memoryBytes?.rejected ?? 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function percent(value: number): string {
  return `${String(Math.round(value * 100))} %`;
}

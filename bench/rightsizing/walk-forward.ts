/**
 * The walk-forward of Autopilot's metrics (EuroSys 2020, section 4), open loop: at every midnight each policy sizes
 * the next day from what came before, and the next day judges.
 */
import { quantileOfSorted, sortedFinite } from '#domain/statistics/order.ts';
import { type Dataset, type RecordedWorkload, STEPS_PER_DAY } from './datasets.ts';

/** A size that a policy gave, with what it says of it. */
export interface Given {
  readonly size: number;
  /** What may be used before harm is done; the size itself where undefined. */
  readonly ceiling?: number;
  /** Probability that the policy gives to its promise, 0–1. */
  readonly confidence?: number;
  readonly refused?: boolean;
}

/** Sizes the next day. `tomorrow` is for oracles only, `job` for sizes that were made elsewhere. */
export type Sizing = (history: Float64Array, tomorrow: Float64Array, job: Job) => Given;

export interface Job {
  readonly workload: string;
  readonly day: number;
}

export interface Policy {
  readonly name: string;
  readonly cpu?: Sizing;
  readonly memory?: Sizing;
}

/** One workload on one day under one policy. */
export interface JobDay extends Job {
  readonly given: Given;
  /** (size − 95th percentile of the day) / size. */
  readonly slack: number;
  /** Share of the samples above the ceiling, and the area above it as a share of all usage. */
  readonly overShare: number;
  readonly overArea: number;
}

const MIN_HISTORY_DAYS = 3;
const MIN_SAMPLES = STEPS_PER_DAY / 2;

interface Walk {
  readonly values: (workload: RecordedWorkload) => Float64Array | undefined;
  readonly size: Sizing;
  /** The smallest size that is set. */
  readonly smallest: number;
}

/** All job-days of a data set that have three known days before them. */
export function walkForward(set: Dataset, walk: Walk): JobDay[] {
  return set.workloads.flatMap((workload) => {
    const values = walk.values(workload);
    if (values === undefined) return [];
    const days = Math.floor(values.length / STEPS_PER_DAY);
    return Array.from({ length: days }, (_, day) => day)
      .filter((day) => isKnown(values, day) && knownDays(values, day) >= MIN_HISTORY_DAYS)
      .map((day) => judge({ workload: workload.name, day, values, walk }));
  });
}

function dayOf(values: Float64Array, day: number): Float64Array {
  return values.subarray(day * STEPS_PER_DAY, (day + 1) * STEPS_PER_DAY);
}

function isKnown(values: Float64Array, day: number): boolean {
  return sortedFinite(dayOf(values, day)).length >= MIN_SAMPLES;
}

function knownDays(values: Float64Array, before: number): number {
  let known = 0;
  for (let day = 0; day < before; day++) if (isKnown(values, day)) known++;
  return known;
}

function judge(task: { workload: string; day: number; values: Float64Array; walk: Walk }): JobDay {
  const { workload, day, values, walk } = task;
  const tomorrow = sortedFinite(dayOf(values, day));
  const raw = walk.size(values.subarray(0, day * STEPS_PER_DAY), tomorrow, { workload, day });
  const given = { ...raw, size: Math.max(raw.size, walk.smallest) };
  const ceiling = Math.max(given.ceiling ?? given.size, given.size);
  const needed = Math.max(quantileOfSorted(tomorrow, 0.95), walk.smallest);
  let [over, area, total] = [0, 0, 0];
  for (const value of tomorrow) {
    total += value;
    if (value > ceiling) over++;
    area += Math.max(value - ceiling, 0);
  }
  return {
    workload,
    day,
    given,
    slack: 1 - needed / given.size,
    overShare: over / tomorrow.length,
    overArea: total > 0 ? area / total : 0,
  };
}

export interface Score {
  readonly jobDays: number;
  readonly slack: number;
  readonly overShare: number;
  readonly overArea: number;
  /** Share of job-days without a sample above, and with at most 5 % of the samples above. */
  readonly freeDays: number;
  readonly coveredDays: number;
  readonly sum: number;
  readonly refused: number;
}

/** Means over job-days; `clipped` counts slack below zero (a size below the day's 95th percentile) as none. */
export function score(days: readonly JobDay[], clipped: boolean): Score {
  const mean = (value: (day: JobDay) => number) =>
    days.reduce((sum, day) => sum + value(day), 0) / days.length;
  return {
    jobDays: days.length,
    slack: mean(({ slack }) => (clipped ? Math.max(slack, 0) : slack)),
    overShare: mean(({ overShare }) => overShare),
    overArea: mean(({ overArea }) => overArea),
    freeDays: mean(({ overShare }) => (overShare === 0 ? 1 : 0)),
    coveredDays: mean(({ overShare }) => (overShare <= 0.05 ? 1 : 0)),
    sum: days.reduce((sum, { given }) => sum + given.size, 0),
    refused: mean(({ given }) => (given.refused === true ? 1 : 0)),
  };
}

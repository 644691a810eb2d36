/** What a recommender sees of a history at its resolution: the mean rate of CPU over a step, the memory at its end. */
import { STEP_MS, STEPS_PER_DAY } from '../../rightsizing/datasets.ts';
import { vpaCpuBounds, vpaMemoryBounds } from '../../rightsizing/baselines.ts';
import type { JobDayWorkload } from './job-days.ts';
import type { Recommended } from './recommended.ts';

/** Values of `--history-resolution`; one hour is the default. */
export const RESOLUTIONS = ['5m', '1h'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

const STEPS: Readonly<Record<Resolution, number>> = { '5m': 1, '1h': 3_600_000 / STEP_MS };

/** The rule of VPA on that, in percent of the largest machine. */
export function ruleAt(resolution: Resolution, job: JobDayWorkload): Recommended {
  const steps = STEPS[resolution];
  const perDay = STEPS_PER_DAY / steps;
  return {
    cpu: vpaCpuBounds(eachOf(job.cpu, steps, meanOfKnown), perDay),
    memory: vpaMemoryBounds(eachOf(job.memory, steps, last), perDay),
  };
}

function eachOf(values: Float64Array, steps: number, seen: (part: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: Math.floor(values.length / steps) }, (_, step) =>
    seen(values.subarray(step * steps, (step + 1) * steps)),
  );
}

function meanOfKnown(part: Float64Array): number {
  const known = part.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

function last(part: Float64Array): number {
  return part.at(-1) ?? Number.NaN;
}

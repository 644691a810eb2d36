/** The job-days of the walk-forward, each as a workload of its own: what a cluster would look like at that midnight. */
import {
  type Dataset,
  loadDatasets,
  type RecordedWorkload,
  STEPS_PER_DAY,
} from '../../rightsizing/datasets.ts';
import { walkForward } from '../../rightsizing/walk-forward.ts';

export const NAMESPACE = 'recorded';
export const CONTAINER = 'app';
/** One percent of the largest machine, in cores and in bytes: the unit in which the rules of `rightsizing/` see it. */
export const CORES_PER_PERCENT = 1;
export const BYTES_PER_PERCENT = 1e9;

export interface JobDayWorkload {
  /** Of its Deployment. */
  readonly name: string;
  readonly workload: string;
  readonly day: number;
  /** Five-minute steps up to that midnight, percent of the largest machine; NaN is unknown. */
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
}

export function recordedSet(folder: string): Dataset {
  const set = loadDatasets(folder).find(({ name }) => name === 'google2011');
  if (set === undefined)
    throw new Error(`${folder} lacks google2011_jobs_cpu_mem_5min.csv; see bench/README.md`);
  return set;
}

/** Every job-day that has a known day of CPU after three known ones, as the walk-forward chooses them. */
export function jobDayWorkloads(set: Dataset): readonly JobDayWorkload[] {
  const byName = new Map(set.workloads.map((workload) => [workload.name, workload]));
  const days = walkForward(set, { values: ({ cpu }) => cpu, size: () => ({ size: 1 }), smallest: 1 });
  return days.flatMap(({ workload, day }) => {
    const recorded = byName.get(workload);
    return recorded === undefined ? [] : [upTo(recorded, day)];
  });
}

function upTo(recorded: RecordedWorkload, day: number): JobDayWorkload {
  const steps = day * STEPS_PER_DAY;
  return {
    name: deploymentName(recorded.name, day),
    workload: recorded.name,
    day,
    cpu: recorded.cpu.subarray(0, steps),
    memory: (recorded.memory ?? new Float64Array(recorded.cpu.length).fill(Number.NaN)).subarray(0, steps),
  };
}

export function deploymentName(workload: string, day: number): string {
  return `${workload.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-day-${String(day)}`;
}

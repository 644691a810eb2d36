/** The sizes of each contestant, in percent of the largest machine, as the walk-forward asks for them. */
import { vpaCpu, vpaMemory } from '../../rightsizing/baselines.ts';
import type { Given } from '../../rightsizing/walk-forward.ts';
import { BYTES_PER_PERCENT, CORES_PER_PERCENT, deploymentName, type JobDayWorkload } from './job-days.ts';
import type { KcloudRecord } from './kcloud.ts';
import type { Recommended } from './recommended.ts';
import type { Sizes } from './scores.ts';

export function realSizes(name: string, found: ReadonlyMap<string, Recommended>): Sizes {
  const target = (resource: keyof Recommended, unit: number) => (workload: string, day: number) => {
    const recommended = found.get(deploymentName(workload, day));
    return recommended === undefined ? undefined : { size: recommended[resource].target / unit };
  };
  return { name, cpu: target('cpu', CORES_PER_PERCENT), memory: target('memory', BYTES_PER_PERCENT) };
}

/** The rule of VPA, re-implemented, on the same job-days. */
export function ruleSizes(jobs: readonly JobDayWorkload[]): Sizes {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const sized = (size: (job: JobDayWorkload) => number) => (workload: string, day: number) => {
    const job = byName.get(deploymentName(workload, day));
    return job === undefined ? undefined : { size: size(job) };
  };
  return {
    name: 'VPA, its rule re-implemented',
    cpu: sized(({ cpu }) => vpaCpu(cpu)),
    memory: sized(({ memory }) => vpaMemory(memory)),
  };
}

/** What stands after `kcloud recommend` was followed: where it says nothing, what stood before. */
export function kcloudSizes(records: readonly KcloudRecord[]): Sizes {
  const byName = new Map(records.map((record) => [record.name, record]));
  const sized =
    (size: (record: KcloudRecord) => number) =>
    (workload: string, day: number): Given | undefined => {
      const record = byName.get(deploymentName(workload, day));
      return record === undefined ? undefined : { size: size(record) };
    };
  return {
    name: 'KCloud, kcloud recommend',
    cpu: sized(({ cpuCores, recommendedCpuCores }) => (recommendedCpuCores ?? cpuCores) / CORES_PER_PERCENT),
    memory: sized(
      ({ memoryBytes, recommendedMemoryBytes }) =>
        (recommendedMemoryBytes ?? memoryBytes) / BYTES_PER_PERCENT,
    ),
  };
}

/** The demand that replicas must carry: CPU of all pods, or memory where that goes with the load and needs more pods. */
import { podFootprint } from '../cost/workload-cost.ts';
import { DATA_RULES, usableSeries } from '../rightsizing/data-rules.ts';
import { memoryFollowsLoad, totalOf } from '../rightsizing/load.ts';
import { type Refusal, refuse } from '../rightsizing/outcome.ts';
import { sumSeries } from '../usage/series-sum.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { DAY_MS } from '../units/duration.ts';
import { describeWorkload } from '../workload/workload-ref.ts';
import type { ScheduleQuestion } from './schedule-question.ts';

export interface ReplicaDemand {
  /** Of all pods together, in cores. */
  readonly totalCpu: UsageSeries;
  /** What one pod requests. */
  readonly podCpuCores: number;
}

/** Two days of each kind must have been possible; fewer replicas need more evidence than a smaller request. */
const MIN_HISTORY_MS = 3 * DAY_MS;
const TARGET_UTILISATION = 0.7;
const MEMORY_UTILISATION = 0.9;

/** Refused where demand or capacity is not known well enough. */
export function demandOf(question: ScheduleQuestion): ReplicaDemand | Refusal {
  const { usage, query, policy, present } = question;
  const workload = describeWorkload(policy.target);
  const { cpuCores: podCpuCores, memoryBytes: podMemoryBytes } = podFootprint(present);
  if (podCpuCores === undefined || podCpuCores <= 0) {
    return refuse('no-data', `${workload} has no CPU request: the capacity of a pod is unknown`);
  }
  const rules = { ...DATA_RULES, minHistoryMs: MIN_HISTORY_MS };
  const cpu = sumSeries(usage.containers.map((container) => container.cpuCores));
  const usable = usableSeries(cpu, query.toMs, { rules, what: `CPU usage of ${workload}` });
  if ('kind' in usable) return usable;
  const memory = usableSeries(sumSeries(usage.containers.map(({ memoryBytes }) => memoryBytes)), query.toMs, {
    rules,
    what: `memory usage of ${workload}`,
  });
  if ('kind' in memory) return { ...memory, message: `${memory.message}; fewer replicas might not hold it` };
  const totalCpu = totalOf(usable.series);
  if (!memoryFollowsLoad(usable.series, memory.series).follows) return { totalCpu, podCpuCores };
  if (podMemoryBytes === undefined) {
    return refuse('no-data', `${workload} has no memory request: what a pod may hold is unknown`);
  }
  const coresPerByte = (podCpuCores * TARGET_UTILISATION) / (podMemoryBytes * MEMORY_UTILISATION);
  return { totalCpu: raisedBy(totalCpu, totalOf(memory.series), coresPerByte), podCpuCores };
}

/** The larger of both demands in each step, memory expressed in the cores that need as many pods. */
function raisedBy(cpu: UsageSeries, memory: UsageSeries, coresPerByte: number): UsageSeries {
  const offset = Math.round((cpu.startMs - memory.startMs) / cpu.stepMs);
  const raised = cpu.max.map((cores, step) =>
    Math.max(cores, (memory.max[step + offset] ?? Number.NaN) * coresPerByte),
  );
  return { ...cpu, max: raised, mean: raised };
}

/** Right-sizes one container: the entry of this folder for requests and limits. */
import type { ContainerUsage } from '../usage/usage.ts';
import { DATA_RULES, type DataRules } from './data-rules.ts';
import { OOM_BUMP, type OomBump } from './floors.ts';
import type { ControlledValues, CurrentSize } from './limits.ts';
import { recommendCpu } from './recommend-cpu.ts';
import { recommendMemory } from './recommend-memory.ts';
import type { SizeOutcome } from './outcome.ts';
import type { ResourcePolicy } from './resource-context.ts';

export interface ContainerQuestion {
  readonly usage: ContainerUsage;
  readonly nowMs: number;
  /** In cores. */
  readonly cpu?: CurrentSize;
  /** In bytes. */
  readonly memory?: CurrentSize;
  readonly cpuPolicy?: ResourcePolicy;
  readonly memoryPolicy?: ResourcePolicy;
  readonly controlledValues?: ControlledValues;
  readonly harmfulCpuCores?: number | undefined;
  readonly harmfulMemoryBytes?: number | undefined;
  readonly rules?: Partial<DataRules>;
  /** How far above a memory limit that killed the next one lies at least. */
  readonly oomBump?: OomBump;
}

export interface ContainerSizes {
  readonly container: string;
  readonly cpu: SizeOutcome;
  readonly memory: SizeOutcome;
}

/** Sizes CPU and memory, each on its own: one may be refused while the other is recommended. */
export function recommendContainer(question: ContainerQuestion): ContainerSizes {
  const shared = {
    container: question.usage.container,
    nowMs: question.nowMs,
    controlled: question.controlledValues ?? 'RequestsAndLimits',
    rules: { ...DATA_RULES, ...question.rules },
    oomBump: question.oomBump ?? OOM_BUMP,
    usage: question.usage,
  };
  return {
    container: question.usage.container,
    cpu: recommendCpu({
      ...shared,
      current: question.cpu ?? {},
      policy: question.cpuPolicy ?? {},
      harmful: question.harmfulCpuCores,
    }),
    memory: recommendMemory({
      ...shared,
      current: question.memory ?? {},
      policy: question.memoryPolicy ?? {},
      harmful: question.harmfulMemoryBytes,
    }),
  };
}

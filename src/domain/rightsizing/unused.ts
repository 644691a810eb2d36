/** Finds containers that do nothing: reported for deletion, never deleted. */
import type { ContainerUsage, UsageSeries } from '../usage/usage.ts';
import { DAY_MS } from './days.ts';
import { DATA_RULES, type DataRules, usableSeries } from './data-rules.ts';
import type { Measure, Refusal } from './outcome.ts';
import { quantileOfSorted, sortedFinite } from '../statistics/order.ts';

export interface UnusedQuestion {
  readonly usage: ContainerUsage;
  readonly nowMs: number;
  /** Present requests, cores and bytes; undefined where there is none. */
  readonly cpuRequestCores?: number | undefined;
  readonly memoryRequestBytes?: number | undefined;
  readonly rules?: Partial<DataRules>;
}

export interface UnusedFinding {
  readonly kind: 'unused' | 'used';
  readonly measures: readonly Measure[];
}

/** A weekly job must have had its chance. */
const MIN_HISTORY_MS = 7 * DAY_MS;
/** Idle runtimes wake up for timers and probes: 5 millicores at most, or 5 % of the request (the prototype's rule). */
const IDLE_CORES = 0.005;
const IDLE_SHARE = 0.05;
/** Memory that nobody works with does not move: between its 1st and 99th percentile by less than 2 %. */
const STILL_SHARE = 0.02;

/** Both CPU and memory near idle in every sample of the window; refused where either is not known well enough. */
export function findUnused(question: UnusedQuestion): UnusedFinding | Refusal {
  const { usage, nowMs } = question;
  const rules = { ...DATA_RULES, minHistoryMs: MIN_HISTORY_MS, minCoverage: 0.8, ...question.rules };
  const cpu = usableSeries(usage.cpuCores, nowMs, { rules, what: `CPU usage of ${usage.container}` });
  if ('kind' in cpu) return cpu;
  const memory = usableSeries(usage.memoryBytes, nowMs, {
    rules,
    what: `memory usage of ${usage.container}`,
  });
  if ('kind' in memory) return memory;
  const cores = peakOf(cpu.series);
  const allowed = Math.max(IDLE_CORES, IDLE_SHARE * (question.cpuRequestCores ?? 0));
  const bytes = peakOf(memory.series);
  const movement = movementOf(memory.series);
  const idleMemory = bytes <= IDLE_SHARE * (question.memoryRequestBytes ?? 0) || movement <= STILL_SHARE;
  return {
    kind: cores <= allowed && idleMemory ? 'unused' : 'used',
    measures: [
      ...cpu.measures,
      {
        name: 'CPU peak',
        value: cores,
        unit: 'cores',
        why: `unused needs ${allowed} cores or less in every sample`,
      },
      {
        name: 'memory peak',
        value: bytes,
        unit: 'bytes',
        why: 'unused needs 5 % of the request or less, or memory that does not move',
      },
      {
        name: 'memory movement',
        value: movement,
        unit: 'ratio',
        why: 'between the 1st and the 99th percentile; 2 % or less is stillness',
      },
    ],
  };
}

function peakOf({ max }: UsageSeries): number {
  return quantileOfSorted(sortedFinite(max), 1);
}

function movementOf({ max }: UsageSeries): number {
  const sorted = sortedFinite(max);
  const high = quantileOfSorted(sorted, 0.99);
  return high > 0 ? 1 - quantileOfSorted(sorted, 0.01) / high : 0;
}

/**
 * How many replicas the demand of the next day needs: all pods' CPU together, forecast like that of one container, so
 * that seasons, bursts and trends are seen, and enough room for the failure of a replica.
 */
import { mean } from '../statistics/order.ts';
import type { WorkloadKind } from '../workload/workload-ref.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { type ConfidenceBasis, confidenceOf } from './confidence.ts';
import { DATA_RULES, type DataRules, usableSeries } from './data-rules.ts';
import { estimateDemand } from './demand.ts';
import { memoryFollowsLoad, totalOf } from './load.ts';
import { type Measure, type Refusal, refuse, type SizeAlternative } from './outcome.ts';

export interface ReplicaQuestion {
  readonly workload: string;
  readonly workloadKind: WorkloadKind;
  readonly nowMs: number;
  /** CPU of one pod (all its containers), as `mean` over pods, with the count of pods. */
  readonly cpuCores: UsageSeries | undefined;
  /** Memory of one pod, likewise. */
  readonly memoryBytes: UsageSeries | undefined;
  /** Requests of one pod (all containers), after right-sizing where that is applied with it. */
  readonly podCpuCores: number | undefined;
  readonly podMemoryBytes: number | undefined;
  readonly replicas: number;
  /** The fewest replicas that disruption budgets and the user leave. */
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  /** Share of the request that the demand may use, 0–1. */
  readonly targetUtilisation?: number;
  /** An autoscaler sets the replicas: its name. */
  readonly autoscaler?: string | undefined;
  readonly rules?: Partial<DataRules>;
}

export interface ReplicaRecommendation {
  readonly kind: 'recommendation';
  readonly resource: 'replicas';
  readonly action: 'lower' | 'raise' | 'keep';
  readonly replicas: number;
  readonly promise: string;
  /** Estimated probability that the promise holds on the next day, 0–1. */
  readonly confidence: number;
  /** In replicas, as the recommendation is. */
  readonly basis: ConfidenceBasis;
  readonly measures: readonly Measure[];
  readonly alternatives: readonly SizeAlternative[];
}

/** The prototype scales to 70 % (reference: kcloud cost optimizer); the rest is for what happens within minutes. */
const TARGET_UTILISATION = 0.7;
/** With one replica gone the others may run this full. */
const FAILURE_UTILISATION = 0.95;
const MEMORY_UTILISATION = 0.9;
/** A day of which the forecast sees the weekday once: fewer replicas need more evidence than a smaller request. */
const MIN_HISTORY_MS = 3 * 24 * 3_600_000;

/** Replicas for the next day; refused where demand or capacity are unknown, or where replicas belong to others. */
export function recommendReplicas(question: ReplicaQuestion): ReplicaRecommendation | Refusal {
  const refusal = ownerRefusal(question) ?? capacityRefusal(question);
  if (refusal !== undefined) return refusal;
  const { workload, nowMs, cpuCores } = question;
  const total = cpuCores === undefined ? undefined : totalOf(cpuCores);
  const usable = usableSeries(total, nowMs, {
    rules: rulesOf(question),
    what: `CPU usage of all pods of ${workload}`,
  });
  if ('kind' in usable) return usable;
  const demand = estimateDemand(usable.series, nowMs);
  const needs = needsOf(question, demand.cores);
  const forLoad = withinBounds(mostOf(needs), question);
  const memory = forLoad < question.replicas ? memoryNeed(question) : [];
  if ('kind' in memory) return memory;
  const count = withinBounds(mostOf([...needs, ...memory]), question);
  return conclude(question, { count, demand, needs: [...needs, ...memory], data: usable.measures });
}

function rulesOf(question: ReplicaQuestion): DataRules {
  return { ...DATA_RULES, minHistoryMs: MIN_HISTORY_MS, ...question.rules };
}

function mostOf(needs: readonly Measure[]): number {
  return needs.reduce((most, { value }) => Math.max(most, value), 0);
}

function capacityRefusal({ workload, podCpuCores }: ReplicaQuestion): Refusal | undefined {
  if (podCpuCores !== undefined && podCpuCores > 0) return undefined;
  return refuse('no-data', `${workload} has no CPU request: the capacity of a pod is unknown`);
}

function ownerRefusal({ workload, workloadKind, autoscaler }: ReplicaQuestion): Refusal | undefined {
  if (workloadKind === 'DaemonSet')
    return refuse('not-scalable', `${workload} runs once per node: it has no replicas to change`);
  if (autoscaler === undefined) return undefined;
  return refuse(
    'other-owner',
    `${autoscaler} sets the replicas of ${workload}: change its bounds or target instead`,
  );
}

function needsOf(question: ReplicaQuestion, cores: number): Measure[] {
  const { podCpuCores = 1, replicas, targetUtilisation = TARGET_UTILISATION } = question;
  const calm = Math.ceil(cores / (podCpuCores * targetUtilisation) - 1e-9);
  const spare = Math.ceil(cores / (podCpuCores * FAILURE_UTILISATION) - 1e-9) + 1;
  const needs: Measure[] = [
    {
      name: 'load',
      value: calm,
      unit: 'pods',
      why: `the demand at ${percent(targetUtilisation)} of the requests`,
    },
  ];
  // A workload of one replica has chosen to do without a stand-in; any other keeps one.
  if (replicas > 1)
    needs.push({ name: 'failure', value: spare, unit: 'pods', why: 'the demand with one replica gone' });
  return needs;
}

/** Fewer replicas must still hold the memory, where memory goes with the load. */
function memoryNeed(question: ReplicaQuestion): readonly Measure[] | Refusal {
  const { cpuCores, memoryBytes, podMemoryBytes, workload, nowMs } = question;
  const what = `memory usage of ${workload}`;
  const usable = usableSeries(memoryBytes, nowMs, { rules: rulesOf(question), what });
  if ('kind' in usable) return { ...usable, message: `${usable.message}; fewer replicas might not hold it` };
  if (cpuCores === undefined) return [];
  const { follows, peakTotalBytes, why } = memoryFollowsLoad(cpuCores, usable.series);
  if (!follows) return [{ name: 'memory', value: 0, unit: 'pods', why }];
  if (podMemoryBytes === undefined)
    return refuse('no-data', `${workload} has no memory request: what a pod may hold is unknown`);
  const value = Math.ceil(peakTotalBytes / (podMemoryBytes * MEMORY_UTILISATION) - 1e-9);
  return [{ name: 'memory', value, unit: 'pods', why }];
}

function withinBounds(
  wanted: number,
  { minReplicas = 1, maxReplicas = Number.POSITIVE_INFINITY }: ReplicaQuestion,
): number {
  return Math.min(Math.max(wanted, minReplicas, 1), Math.max(maxReplicas, 1));
}

interface Conclusion {
  readonly count: number;
  readonly demand: {
    readonly cores: number;
    readonly basis: ConfidenceBasis;
    readonly measures: readonly Measure[];
  };
  readonly needs: readonly Measure[];
  readonly data: readonly Measure[];
}

function conclude(
  question: ReplicaQuestion,
  { count, demand, needs, data }: Conclusion,
): ReplicaRecommendation {
  const { podCpuCores = 1, replicas, targetUtilisation = TARGET_UTILISATION } = question;
  // What this many replicas carry at the target: the confidence is that the demand stays below it.
  const eachCarries =
    podCpuCores * Math.max(targetUtilisation, FAILURE_UTILISATION * (1 - 1 / Math.max(count, 2)));
  const carried = count * eachCarries;
  const basis = { ...demand.basis, unbounded: demand.basis.unbounded / eachCarries };
  const measures = [...data, ...demand.measures, ...needs];
  if (question.minReplicas !== undefined)
    measures.push({
      name: 'lower bound',
      value: question.minReplicas,
      unit: 'pods',
      why: 'disruption budgets and the user leave no fewer',
    });
  return {
    kind: 'recommendation',
    resource: 'replicas',
    action: count === replicas ? 'keep' : count < replicas ? 'lower' : 'raise',
    replicas: count,
    promise: `on the next day the demand stays below ${percent(targetUtilisation)} of the requests (${carried.toFixed(2)} cores) for 95 % of the time`,
    confidence: confidenceOf(basis, count),
    basis,
    measures,
    alternatives: alternatives(question, count),
  };
}

/** The prototype's rules: a half below 15 % utilisation, one less below 30 %, else to 70 %. */
function alternatives(
  { replicas, podCpuCores = 1, cpuCores }: ReplicaQuestion,
  chosen: number,
): SizeAlternative[] {
  const used = cpuCores === undefined ? Number.NaN : mean(totalOf(cpuCores).mean);
  const utilisation = used / (replicas * podCpuCores);
  const scaled = Math.ceil((replicas * utilisation) / 0.7);
  const fixed = utilisation < 0.15 ? Math.ceil(replicas / 2) : utilisation < 0.3 ? replicas - 1 : scaled;
  const verdict = chosen === replicas ? 'chosen' : 'rejected';
  const asItIs =
    chosen < replicas ? 'more than the demand needs' : 'the demand of the next day needs no fewer';
  return [
    {
      name: 'demand of the next day',
      value: chosen,
      unit: 'pods',
      verdict: 'chosen',
      why: 'covers seasons, bursts and the loss of a replica',
    },
    {
      name: 'fixed rule on the mean',
      value: Math.max(fixed, 1),
      unit: 'pods',
      verdict: 'rejected',
      why: 'a mean hides the hours that matter',
    },
    { name: 'as it is', value: replicas, unit: 'pods', verdict, why: asItIs },
  ];
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

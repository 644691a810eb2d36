/** What pods used, for bills: from a usage history, or from the samples of now; where neither tells, nothing. */
import type { PodSample } from '#adapters/metrics/embedded/collector/metrics-api.ts';
import type { Parts, PodSpan } from '#domain/allocation/allocation.ts';
import { isPlausible } from '#domain/usage/plausible.ts';
import type { ContainerUsage, UsageSeries, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import {
  WORKLOAD_KINDS,
  workloadKey,
  type WorkloadKind,
  type WorkloadRef,
} from '#domain/workload/workload-ref.ts';
import type { CostQuery } from './cost-query.ts';

export interface PodUsage {
  /** What told it, for people. */
  readonly source: string;
  /** Whether one time differs from another. */
  readonly varies: boolean;
  /** The mean over a time; a part that is not known is absent. */
  of(pod: PodSpan, time: CostQuery): Readonly<Partial<Parts>>;
}

/** Requests alone count. */
export const NO_USAGE: PodUsage = { source: 'none', varies: false, of: () => ({}) };

/** The samples of one moment, taken for the whole time. */
export function usageOfSamples(samples: readonly PodSample[]): PodUsage {
  const byPod = new Map(
    samples.map((sample) => [`${sample.namespace}/${sample.pod}`, partsOfSample(sample)]),
  );
  return {
    source: 'metrics.k8s.io, as of now',
    varies: false,
    of: ({ namespace, name }) => byPod.get(`${namespace}/${name}`) ?? {},
  };
}

function partsOfSample({ containers }: PodSample): Partial<Parts> {
  const cpu = sumKnown(containers.map(({ cpuCores }) => plausible('cpuCores', cpuCores)));
  const memory = sumKnown(containers.map(({ memoryBytes }) => plausible('memoryBytes', memoryBytes)));
  return partsOf(cpu, memory);
}

function plausible(quantity: 'cpuCores' | 'memoryBytes', value: number | undefined): number {
  return value !== undefined && isPlausible(quantity, value) ? value : Number.NaN;
}

export interface UsageReading extends CostQuery {
  readonly usage: UsageSource;
  readonly pods: readonly PodSpan[];
  readonly progress?: (done: number, total: number) => void;
}

/** So many workloads are asked for at once. */
const BATCH = 50;

/**
 * The history of the workloads that the pods belong to. A history knows the mean of a workload's pods, not each of
 * them; pods of Jobs and bare pods are not in it.
 */
export async function readUsage({ usage, pods, fromMs, toMs, progress }: UsageReading): Promise<PodUsage> {
  const stepMs = toMs - fromMs <= 48 * HOUR_MS ? 5 * MINUTE_MS : HOUR_MS;
  const grid = { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs, stepMs };
  const refs = [
    ...new Map(pods.flatMap((pod) => refOf(pod) ?? []).map((ref) => [workloadKey(ref), ref])).values(),
  ];
  const found = new Map<string, WorkloadUsage>();
  for (let done = 0; done < refs.length; done += BATCH) {
    const workloads = refs.slice(done, done + BATCH);
    for (const answer of await usage.usage({ workloads, ...grid }))
      found.set(workloadKey(answer.workload), answer);
    progress?.(Math.min(done + BATCH, refs.length), refs.length);
  }
  return {
    source: usage.name,
    varies: true,
    of: (pod, time) => {
      const ref = refOf(pod);
      const answer = ref === undefined ? undefined : found.get(workloadKey(ref));
      return answer === undefined ? {} : meanOf(answer.containers, time);
    },
  };
}

function refOf({ namespace, owner }: PodSpan): WorkloadRef | undefined {
  const kind = WORKLOAD_KINDS.find((each): each is WorkloadKind => each === owner?.kind);
  return kind === undefined || owner === undefined ? undefined : { kind, namespace, name: owner.name };
}

function meanOf(containers: readonly ContainerUsage[], time: CostQuery): Partial<Parts> {
  return partsOf(
    sumKnown(containers.map(({ cpuCores }) => meanBetween(cpuCores, time))),
    sumKnown(containers.map(({ memoryBytes }) => meanBetween(memoryBytes, time))),
  );
}

/** The mean of the known steps that a time touches; NaN where there is none. */
function meanBetween(series: UsageSeries | undefined, { fromMs, toMs }: CostQuery): number {
  if (series === undefined) return Number.NaN;
  const { startMs, stepMs, mean } = series;
  const first = Math.max(0, Math.floor((fromMs - startMs) / stepMs));
  const last = Math.max(0, Math.ceil((toMs - startMs) / stepMs));
  const known = mean.slice(first, last).filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The sum of what is known; NaN where nothing is. A container that has gone has no values, and uses nothing. */
function sumKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0);
}

function partsOf(cpu: number, memory: number): Partial<Parts> {
  return { ...(Number.isNaN(cpu) ? {} : { cpu }), ...(Number.isNaN(memory) ? {} : { memory }) };
}

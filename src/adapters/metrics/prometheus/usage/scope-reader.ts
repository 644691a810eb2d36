/**
 * Reads every quantity of a scope, one stretch of time after the other, into a builder. Each is read the cheap way
 * first. Where a value comes out, or is met in a spot check, that cannot be true, the workload is suspect, and is read
 * again by expressions that leave such values out pod by pod.
 */
import { type Grid, stepEndMs } from '#domain/usage/series.ts';
import { type UsageQuantity, isPlausible } from '#domain/usage/plausible.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import type { RangeSeries } from '../client/range-series.ts';
import {
  BASE_LABEL,
  type ExpressionContext,
  ORDINAL_LABEL,
  cpuExpression,
  memoryExpression,
  newestSampleExpression,
  podsExpression,
  rejectedExpression,
  throttledExpression,
} from './expressions.ts';
import { IncidentReader } from './incident-reader.ts';
import type { LabelNames } from './label-flavour.ts';
import type { Ownership } from './ownership.ts';
import type { RangeReader } from './range-reader.ts';
import type { BuiltQuantity, ContainerBuilder, UsageBuilder } from './usage-builder.ts';

export interface ScopeReaderOptions {
  readonly client: PromqlClient;
  readonly reader: RangeReader;
  readonly builder: UsageBuilder;
  readonly ownership: Ownership;
  /** With the label names of cAdvisor; not strict. */
  readonly context: ExpressionContext;
  /** Those of kube-state-metrics; undefined where the source has none, and restarts are unknown. */
  readonly kubeState: LabelNames | undefined;
  readonly concurrency: number;
}

/** A series of the pods of one controller, and the workload that they belong to. */
interface Group {
  readonly key: string;
  readonly workload: WorkloadRef;
  readonly container: string;
  readonly series: RangeSeries;
}

interface Found {
  readonly max: readonly Group[];
  readonly mean: readonly Group[];
}

interface Reading {
  readonly pods: readonly Group[];
  readonly quantities: Readonly<Record<BuiltQuantity, Found>>;
}

/** Pods per group, for every step of the query, as weights for means. */
type PodCounts = ReadonlyMap<string, Float64Array>;

const EXPRESSIONS = {
  cpuCores: cpuExpression,
  memoryBytes: memoryExpression,
  throttledRatio: throttledExpression,
};
const QUANTITIES = ['cpuCores', 'memoryBytes', 'throttledRatio'] as const satisfies readonly BuiltQuantity[];
const SAMPLED = ['cpuCores', 'memoryBytes'] as const;
/** How many times of a stretch are looked at for values that cannot be true. */
const SPOTS = 4;

export class ScopeReader {
  readonly #options: ScopeReaderOptions;

  constructor(options: ScopeReaderOptions) {
    this.#options = options;
  }

  /** Rejects with SourceError; what was read until then is of no use. */
  async read(grid: Grid): Promise<void> {
    const { context, kubeState } = this.#options;
    const [reading, spots] = await Promise.all([this.#readAll(context, grid), this.#spotCheck(grid)]);
    const suspects = new Set([...spots, ...suspectsIn(reading)]);
    this.#apply(reading, (workload) => !suspects.has(workload));
    if (suspects.size > 0) await this.#readStrictly([...suspects], grid);
    if (kubeState !== undefined) await new IncidentReader(this.#options, context, kubeState).read(grid);
  }

  newestSampleExpression(): string {
    return newestSampleExpression(this.#options.context);
  }

  /** When the newest sample of each workload was taken. */
  newestSamples(found: readonly RangeSeries[]): ReadonlyMap<WorkloadRef, number> {
    const newest = new Map<WorkloadRef, number>();
    for (const { workload, series } of this.#groups(found)) {
      const atMs = (series.values[0] ?? Number.NaN) * 1000;
      if (!Number.isNaN(atMs)) newest.set(workload, Math.max(atMs, newest.get(workload) ?? 0));
    }
    return newest;
  }

  async #readStrictly(suspects: readonly WorkloadRef[], grid: Grid): Promise<void> {
    const { builder, context, reader } = this.#options;
    const isSuspect = new Set(suspects);
    const namespaces = [...new Set(suspects.map(({ namespace }) => namespace))];
    const strict = { ...context, strict: true, scope: { ...context.scope, workloads: suspects, namespaces } };
    this.#apply(await this.#readAll(strict, grid), (workload) => isSuspect.has(workload));
    for (const name of SAMPLED) {
      for (const { workload, container, series } of this.#groups(
        await reader.read(rejectedExpression(name, strict), grid),
      )) {
        if (!isSuspect.has(workload)) continue;
        const quantity = builder.container(workload, container).quantity(name);
        quantity.rejected += series.values.reduce((sum, count) => sum + count, 0);
      }
    }
  }

  /** Small and negative values hide behind the peaks of other pods; wrong units and broken exporters stay for long. */
  async #spotCheck(grid: Grid): Promise<readonly WorkloadRef[]> {
    const { client, context } = this.#options;
    const times = Array.from({ length: SPOTS }, (_, spot) =>
      stepEndMs(grid, Math.ceil(((spot + 1) * grid.steps) / SPOTS) - 1),
    );
    const checks = SAMPLED.flatMap((name) =>
      [...new Set(times)].map((atMs) => ({ expression: rejectedExpression(name, context), atMs })),
    );
    const found = await Promise.all(checks.map(({ expression, atMs }) => client.instant(expression, atMs)));
    return found.flatMap(({ series }) => this.#groups(series).map(({ workload }) => workload));
  }

  async #readAll(context: ExpressionContext, grid: Grid): Promise<Reading> {
    const { concurrency, reader } = this.#options;
    const expressions = [
      podsExpression(context),
      ...QUANTITIES.flatMap((name) => [EXPRESSIONS[name]('max', context), EXPRESSIONS[name]('avg', context)]),
    ];
    const read = async (expression: string): Promise<readonly Group[]> =>
      this.#groups(await reader.read(expression, grid));
    const [pods = [], ...found] = await inParallel(expressions, read, concurrency);
    const both = (index: number): Found => ({
      max: found[2 * index] ?? [],
      mean: found[2 * index + 1] ?? [],
    });
    return { pods, quantities: { cpuCores: both(0), memoryBytes: both(1), throttledRatio: both(2) } };
  }

  /** The series that belong to a workload of ours. */
  #groups(found: readonly RangeSeries[]): readonly Group[] {
    const { context, ownership } = this.#options;
    return found.flatMap((series) => {
      const { labels } = series;
      const namespace = labels[context.names.namespace] ?? '';
      const container = labels[context.names.container] ?? '';
      const base = labels[BASE_LABEL] ?? '';
      const ordinal = (labels[ORDINAL_LABEL] ?? '') !== '';
      const workload = ownership.workloadOf(namespace, { base, ordinal });
      if (workload === undefined) return [];
      return [{ key: `${namespace}/${base}/${String(ordinal)}/${container}`, workload, container, series }];
    });
  }

  #apply({ pods, quantities }: Reading, wanted: (workload: WorkloadRef) => boolean): void {
    const counts = this.#applyPods(pods.filter(({ workload }) => wanted(workload)));
    for (const name of QUANTITIES) {
      const { max, mean } = quantities[name];
      this.#forEach(max, wanted, (container) => {
        const quantity = container.quantity(name);
        return (step, value) => { quantity.raise(step, value); }; // prettier-ignore
      });
      this.#forEach(mean, wanted, (container, key) => {
        const [quantity, weights] = [container.quantity(name), counts.get(key)];
        return (step, value) => { quantity.average(step, value, weights?.[step] ?? 1); }; // prettier-ignore
      });
    }
  }

  #applyPods(pods: readonly Group[]): PodCounts {
    const counts = new Map<string, Float64Array>();
    const all = (): boolean => true;
    this.#forEach(pods, all, (container, key) => {
      const ofGroup = counts.get(key) ?? new Float64Array(this.#options.builder.grid.steps).fill(1);
      counts.set(key, ofGroup);
      return (step, value) => {
        container.addPods(step, value);
        ofGroup[step] = value;
      };
    });
    return counts;
  }

  /** Hands every value of a step of ours to what `taker` makes for its group. */
  #forEach(groups: readonly Group[], wanted: (workload: WorkloadRef) => boolean, taker: Taker): void {
    const { builder } = this.#options;
    for (const { key, workload, container, series } of groups) {
      if (!wanted(workload)) continue;
      const take = taker(builder.container(workload, container), key);
      for (const [index, atMs] of series.times.entries()) {
        const step = builder.stepAt(atMs);
        const value = series.values[index] ?? Number.NaN;
        if (step !== undefined && !Number.isNaN(value)) take(step, value);
      }
    }
  }
}

type Taker = (container: ContainerBuilder, key: string) => (step: number, value: number) => void;

/** Workloads with a peak or a mean that cannot be true. */
function suspectsIn({ quantities }: Reading): readonly WorkloadRef[] {
  return QUANTITIES.flatMap((name) => {
    const { max, mean } = quantities[name];
    return [...max, ...mean]
      .filter(({ series }) => !allPlausible(name, series))
      .map(({ workload }) => workload);
  });
}

function allPlausible(quantity: UsageQuantity, { values }: RangeSeries): boolean {
  return values.every((value) => isPlausible(quantity, value));
}

/** Does the same to every input, some at once, and keeps their order. With the first failure no other is begun. */
async function inParallel<I, O>(
  inputs: readonly I[],
  work: (input: I) => Promise<O>,
  concurrency: number,
): Promise<readonly O[]> {
  const waiting = [...inputs.entries()];
  const results: O[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next[0]] = await work(next[1]);
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    waiting.length = 0;
  }
  return results;
}

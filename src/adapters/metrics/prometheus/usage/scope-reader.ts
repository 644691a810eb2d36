/**
 * Reads every quantity of a scope, one stretch of time after the other, into a builder. CPU and memory are read the cheap way
 * first. Where a value comes out, or is met in a spot check, that cannot be true, the workload is suspect, and is read
 * again by expressions that leave such values out pod by pod.
 */
import { type Grid, stepEndMs } from '#domain/usage/series.ts';
import { type UsageQuantity, isPlausible } from '#domain/usage/plausible.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import type { RangeSeries } from '../client/range-series.ts';
import {
  type ExpressionContext,
  cpuExpression,
  memoryExpression,
  newestSampleExpression,
  peaksLinger,
  podsExpression,
  rejectedExpression,
} from './expressions.ts';
import { IncidentReader } from './incident-reader.ts';
import type { LabelNames } from './label-flavour.ts';
import type { Ownership } from './ownership.ts';
import {
  applyPods,
  applyQuantity,
  type PodGroup,
  podGroups,
  type QuantityGroups,
  whereBoth,
} from './pod-groups.ts';
import type { RangeReader } from './range-reader.ts';
import { narrowed } from './scope.ts';
import { ThrottlingReader } from './throttling-reader.ts';
import type { UsageBuilder } from './usage-builder.ts';

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

interface Reading {
  readonly pods: readonly PodGroup[];
  readonly quantities: Readonly<Record<SampledQuantity, QuantityGroups>>;
}

const EXPRESSIONS = { cpuCores: cpuExpression, memoryBytes: memoryExpression };
const SAMPLED = ['cpuCores', 'memoryBytes'] as const;
type SampledQuantity = (typeof SAMPLED)[number];
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
    const counts = this.#apply(reading, (workload) => !suspects.has(workload));
    if (suspects.size > 0) await this.#readStrictly([...suspects], { grid, counts });
    await new ThrottlingReader(this.#options).read(grid, counts);
    if (kubeState !== undefined) await new IncidentReader(this.#options, context, kubeState).read(grid);
  }

  newestSampleExpression(): string {
    return newestSampleExpression(this.#options.context);
  }

  /** When the newest sample of each workload was taken. */
  newestSamples(found: readonly RangeSeries[]): ReadonlyMap<WorkloadRef, number> {
    const newest = new Map<WorkloadRef, number>();
    for (const { workload, series } of podGroups(found, this.#options)) {
      const atMs = (series.values[0] ?? Number.NaN) * 1000;
      if (!Number.isNaN(atMs)) newest.set(workload, Math.max(atMs, newest.get(workload) ?? 0));
    }
    return newest;
  }

  async #readStrictly(suspects: readonly WorkloadRef[], { grid, counts }: StrictReading): Promise<void> {
    const { builder, context, reader } = this.#options;
    const isSuspect = new Set(suspects);
    const strict = { ...context, strict: true, scope: narrowed(context.scope, suspects) };
    const counted = this.#apply(await this.#readAll(strict, grid), (workload) => isSuspect.has(workload));
    for (const [key, pods] of counted) counts.set(key, pods);
    for (const name of SAMPLED) {
      const rejected = await reader.read(rejectedExpression(name, strict), grid);
      for (const { workload, container, series } of podGroups(rejected, this.#options)) {
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
    return found.flatMap(({ series }) => podGroups(series, this.#options).map(({ workload }) => workload));
  }

  async #readAll(context: ExpressionContext, grid: Grid): Promise<Reading> {
    const { concurrency, reader } = this.#options;
    const expressions = [
      podsExpression(context),
      ...SAMPLED.flatMap((name) => [EXPRESSIONS[name]('max', context), EXPRESSIONS[name]('avg', context)]),
    ];
    const read = async (expression: string): Promise<readonly PodGroup[]> =>
      podGroups(await reader.read(expression, grid), this.#options);
    const [pods = [], peaks = [], mean = [], ...memory] = await inParallel(expressions, read, concurrency);
    const cpuCores = { max: peaksLinger(context) ? whereBoth(peaks, mean) : peaks, mean };
    const memoryBytes = { max: memory[0] ?? [], mean: memory[1] ?? [] };
    return { pods, quantities: { cpuCores, memoryBytes } };
  }

  /** How many pods each group had, for the means of what else is read. */
  #apply(
    { pods, quantities }: Reading,
    wanted: (workload: WorkloadRef) => boolean,
  ): Map<string, Float64Array> {
    const { builder } = this.#options;
    const ours = ({ workload }: PodGroup): boolean => wanted(workload);
    const counts = applyPods(builder, pods.filter(ours));
    for (const name of SAMPLED) {
      const { max, mean } = quantities[name];
      applyQuantity(builder, name, { max: max.filter(ours), mean: mean.filter(ours), counts });
    }
    return counts;
  }
}

interface StrictReading {
  readonly grid: Grid;
  /** Takes those of the suspects. */
  readonly counts: Map<string, Float64Array>;
}

/** Workloads with a peak or a mean that cannot be true. */
function suspectsIn({ quantities }: Reading): readonly WorkloadRef[] {
  return SAMPLED.flatMap((name) => {
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

/** Reads every quantity of a scope, one stretch of time after the other, into a builder. */
import type { Grid } from '#domain/usage/series.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
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
  readonly reader: RangeReader;
  readonly builder: UsageBuilder;
  readonly ownership: Ownership;
  /** With the label names of cAdvisor. */
  readonly context: ExpressionContext;
  /** Those of kube-state-metrics; undefined where the source has none, and restarts are unknown. */
  readonly kubeState: LabelNames | undefined;
  readonly concurrency: number;
}

/** A group of pods with the same controller, and the container of its workload. */
interface Group {
  readonly key: string;
  readonly workload: WorkloadRef;
  readonly container: string;
}

type Work = () => Promise<void>;

/** Pods per group and step, as weights for means. */
type PodCounts = ReadonlyMap<string, ReadonlyMap<number, number>>;

const QUANTITIES: Readonly<Record<BuiltQuantity, typeof cpuExpression>> = {
  cpuCores: cpuExpression,
  memoryBytes: memoryExpression,
  throttledRatio: throttledExpression,
};

export class ScopeReader {
  readonly #options: ScopeReaderOptions;

  constructor(options: ScopeReaderOptions) {
    this.#options = options;
  }

  /** Rejects with SourceError; what was read until then is of no use. */
  async read(grid: Grid): Promise<void> {
    const { concurrency, context, kubeState, reader } = this.#options;
    const counts = this.#addPods(await reader.read(podsExpression(context), grid));
    const work: Work[] = [];
    for (const name of ['cpuCores', 'memoryBytes', 'throttledRatio'] as const) {
      work.push(async () => { this.#addMax(name, await reader.read(QUANTITIES[name]('max', context), grid)); }); // prettier-ignore
      work.push(async () => { this.#addMean(name, await reader.read(QUANTITIES[name]('avg', context), grid), counts); }); // prettier-ignore
    }
    for (const name of ['cpuCores', 'memoryBytes'] as const) {
      work.push(async () => { this.#addRejected(name, await reader.read(rejectedExpression(name, context), grid)); }); // prettier-ignore
    }
    if (kubeState !== undefined) {
      const incidents = new IncidentReader(this.#options, { ...context, names: kubeState });
      work.push(() => incidents.read(grid, context.names));
    }
    await runAll(work, concurrency);
  }

  newestSampleExpression(): string {
    return newestSampleExpression(this.#options.context);
  }

  /** When the newest sample of each workload was taken. */
  newestSamples(found: readonly RangeSeries[]): ReadonlyMap<WorkloadRef, number> {
    const newest = new Map<WorkloadRef, number>();
    for (const series of found) {
      const workload = this.#groupOf(series)?.workload;
      const atMs = (series.values[0] ?? Number.NaN) * 1000;
      if (workload === undefined || Number.isNaN(atMs)) continue;
      newest.set(workload, Math.max(atMs, newest.get(workload) ?? 0));
    }
    return newest;
  }

  #addPods(found: readonly RangeSeries[]): PodCounts {
    const counts = new Map<string, Map<number, number>>();
    this.#forEach(found, ({ group, container, step, value }) => {
      container.addPods(step, value);
      const ofGroup = counts.get(group.key) ?? new Map<number, number>();
      counts.set(group.key, ofGroup.set(step, value));
    });
    return counts;
  }

  #addMax(name: BuiltQuantity, found: readonly RangeSeries[]): void {
    this.#forEach(found, ({ container, step, value }) => {
      container.quantity(name).raise(step, value);
    });
  }

  #addMean(name: BuiltQuantity, found: readonly RangeSeries[], counts: PodCounts): void {
    this.#forEach(found, ({ group, container, step, value }) => {
      container.quantity(name).average(step, value, counts.get(group.key)?.get(step) ?? 1);
    });
  }

  #addRejected(name: BuiltQuantity, found: readonly RangeSeries[]): void {
    this.#forEach(found, ({ container, value }) => {
      container.quantity(name).rejected += value;
    });
  }

  /** Every value that belongs to a workload of ours and to a step of the query. */
  #forEach(found: readonly RangeSeries[], take: (point: Point) => void): void {
    const { builder } = this.#options;
    for (const series of found) {
      const group = this.#groupOf(series);
      if (group === undefined) continue;
      const container = builder.container(group.workload, group.container);
      for (const [index, atMs] of series.times.entries()) {
        const step = builder.stepAt(atMs);
        const value = series.values[index] ?? Number.NaN;
        if (step !== undefined && Number.isFinite(value)) take({ group, container, step, value });
      }
    }
  }

  #groupOf({ labels }: RangeSeries): Group | undefined {
    const { context, ownership } = this.#options;
    const namespace = labels[context.names.namespace] ?? '';
    const container = labels[context.names.container] ?? '';
    const base = labels[BASE_LABEL] ?? '';
    const ordinal = (labels[ORDINAL_LABEL] ?? '') !== '';
    const workload = ownership.workloadOf(namespace, { base, ordinal });
    if (workload === undefined) return undefined;
    return { key: `${namespace}/${base}/${String(ordinal)}/${container}`, workload, container };
  }
}

interface Point {
  readonly group: Group;
  readonly container: ContainerBuilder;
  readonly step: number;
  readonly value: number;
}

/** Runs work, some at once. With the first failure the rest is not begun. */
async function runAll(work: readonly Work[], concurrency: number): Promise<void> {
  const waiting = [...work];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
  } finally {
    waiting.length = 0;
  }
}

/** Reads restarts and OOM kills of a stretch of time into a builder. */
import type { Grid } from '#domain/usage/series.ts';
import type { RangeSeries } from '../client/range-series.ts';
import { BASE_LABEL, type ExpressionContext, ORDINAL_LABEL, overPods } from './expressions.ts';
import {
  memoryLimitExpression,
  oomEventsExpression,
  oomReasonExpression,
  restartsExpression,
  watchedContainers,
} from './kube-state-expressions.ts';
import type { LabelNames } from './label-flavour.ts';
import type { Ownership } from './ownership.ts';
import type { RangeReader } from './range-reader.ts';
import type { ContainerBuilder, UsageBuilder } from './usage-builder.ts';

/** What counters of one container of a pod did at one time. */
interface Sighting {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly atMs: number;
  readonly value: number;
}

export interface IncidentTarget {
  readonly reader: RangeReader;
  readonly builder: UsageBuilder;
  readonly ownership: Ownership;
}

/** More names than this make a query too long for some proxies. */
const PODS_PER_QUERY = 100;

export class IncidentReader {
  readonly #target: IncidentTarget;
  readonly #context: ExpressionContext;

  /** The names in `context` are those of kube-state-metrics. */
  constructor(target: IncidentTarget, context: ExpressionContext) {
    this.#target = target;
    this.#context = context;
  }

  /** Rejects with SourceError. `cadvisor`: the label names of the kubelet's own OOM counter. */
  async read(grid: Grid, cadvisor: LabelNames): Promise<void> {
    const { reader } = this.#target;
    const context = this.#context;
    const watched = await reader.read(overPods('count', context.names, watchedContainers(context)), grid);
    for (const series of watched) this.#watch(series);
    const restarts = await this.#sightings(restartsExpression(context), grid);
    for (const { container, seen } of this.#owned(restarts)) {
      const step = this.#target.builder.stepAt(seen.atMs);
      if (step !== undefined) container.addRestarts(step, seen.pod, Math.round(seen.value));
    }
    const kernel = await reader.read(oomEventsExpression({ ...context, names: cadvisor }), grid);
    await this.#readOomKills(grid, restarts, sightingsOf(kernel, cadvisor));
  }

  #watch({ labels, times, values }: RangeSeries): void {
    const { builder, ownership } = this.#target;
    const { names } = this.#context;
    const base = { base: labels[BASE_LABEL] ?? '', ordinal: labels[ORDINAL_LABEL] !== undefined };
    const workload = ownership.workloadOf(labels[names.namespace] ?? '', base);
    if (workload === undefined) return;
    const container = builder.container(workload, labels[names.container] ?? '');
    for (const [index, atMs] of times.entries()) {
      const step = builder.stepAt(atMs);
      if (step !== undefined) container.watchRestarts(step, values[index] ?? 0);
    }
  }

  /** Restarts whose reason is OOM, and kills that only the kernel's counter knows: of a child process, say. */
  async #readOomKills(grid: Grid, restarts: readonly Sighting[], kernel: readonly Sighting[]): Promise<void> {
    const reasons = await this.#ofPods(restarts, grid, oomReasonExpression);
    const killed = new Set(reasons.map(keyAt));
    const told = restarts.filter((sighting) => killed.has(keyAt(sighting)));
    const { stepMs } = this.#context;
    const near = new Set(
      told.flatMap((kill) =>
        [-stepMs, 0, stepMs].map((shift) => keyAt({ ...kill, atMs: kill.atMs + shift })),
      ),
    );
    const kills = [...told, ...kernel.filter((kill) => !near.has(keyAt(kill)))];
    const limits = await this.#ofPods(kills, grid, memoryLimitExpression);
    const limitAt = new Map(limits.map((limit) => [keyAt(limit), limit.value]));
    for (const { container, seen } of this.#owned(kills)) {
      const limitBytes = limitAt.get(keyAt(seen));
      const kill = { atMs: seen.atMs, pod: seen.pod, ...(limitBytes === undefined ? {} : { limitBytes }) };
      for (let count = 0; count < Math.round(seen.value); count += 1) container.addOomKill(kill);
    }
  }

  /** An expression for some pods only, since few ever restart. */
  async #ofPods(
    sightings: readonly Sighting[],
    grid: Grid,
    expression: (context: ExpressionContext, pods: readonly string[]) => string,
  ): Promise<readonly Sighting[]> {
    const pods = [...new Set(sightings.map(({ pod }) => pod))];
    const found: Sighting[] = [];
    for (let first = 0; first < pods.length; first += PODS_PER_QUERY) {
      const some = pods.slice(first, first + PODS_PER_QUERY);
      found.push(...(await this.#sightings(expression(this.#context, some), grid)));
    }
    return found;
  }

  async #sightings(expression: string, grid: Grid): Promise<readonly Sighting[]> {
    return sightingsOf(await this.#target.reader.read(expression, grid), this.#context.names);
  }

  #owned(
    sightings: readonly Sighting[],
  ): readonly { readonly container: ContainerBuilder; readonly seen: Sighting }[] {
    const { builder, ownership } = this.#target;
    return sightings.flatMap((seen) => {
      const workload = ownership.workloadOfPod(seen.namespace, seen.pod);
      return workload === undefined ? [] : [{ container: builder.container(workload, seen.container), seen }];
    });
  }
}

function sightingsOf(found: readonly RangeSeries[], names: LabelNames): readonly Sighting[] {
  return found.flatMap(({ labels, times, values }) =>
    [...times].map((atMs, index) => ({
      namespace: labels[names.namespace] ?? '',
      pod: labels[names.pod] ?? '',
      container: labels[names.container] ?? '',
      atMs,
      value: values[index] ?? Number.NaN,
    })),
  );
}

function keyAt({ namespace, pod, container, atMs }: Sighting): string {
  return `${namespace}/${pod}/${container}/${String(atMs)}`;
}

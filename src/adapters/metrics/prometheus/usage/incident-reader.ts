/** Reads restarts and OOM kills of a stretch of time into a builder. */
import type { Grid } from '#domain/usage/series.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import type { RangeSeries } from '../client/range-series.ts';
import { type ExpressionContext } from './expressions.ts';
import {
  memoryLimitExpression,
  oomEventPods,
  oomEventsExpression,
  oomReasonExpression,
  restartedPods,
  restartsExpression,
  watchedNamespaces,
} from './kube-state-expressions.ts';
import type { LabelNames } from './label-flavour.ts';
import { matchingPods, type PodSearch } from './matching-pods.ts';
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
  readonly client: PromqlClient;
  readonly reader: RangeReader;
  readonly builder: UsageBuilder;
  readonly ownership: Ownership;
}

type PodsExpression = (context: ExpressionContext, pods: readonly string[]) => string;

/** More names than this make a query too long for some proxies. */
const PODS_PER_QUERY = 100;

export class IncidentReader {
  readonly #target: IncidentTarget;
  readonly #kubeState: ExpressionContext;
  readonly #cadvisor: ExpressionContext;

  /** `names` are those of kube-state-metrics; those of the context are the kubelet's. */
  constructor(target: IncidentTarget, context: ExpressionContext, names: LabelNames) {
    this.#target = target;
    this.#kubeState = { ...context, names };
    this.#cadvisor = context;
  }

  /**
   * Reads what happened in a stretch of time. Where no pod of a step was sampled, nothing is known of its restarts
   * either, so usage is to be read first. Rejects with SourceError.
   */
  async read(grid: Grid): Promise<void> {
    await this.#readWatched(grid);
    const restarted = await this.#podsOf(restartedPods, this.#kubeState, grid);
    const restarts = await this.#ofPods(restarted, {
      expression: restartsExpression,
      context: this.#kubeState,
      grid,
    });
    for (const { container, seen } of this.#owned(restarts)) {
      const step = this.#target.builder.stepAt(seen.atMs);
      if (step !== undefined) container.addRestarts(step, seen.pod, Math.round(seen.value));
    }
    const killed = await this.#podsOf(oomEventPods, this.#cadvisor, grid);
    const kernel = await this.#ofPods(killed, {
      expression: oomEventsExpression,
      context: this.#cadvisor,
      grid,
    });
    await this.#readOomKills(grid, restarts, kernel);
  }

  async #readWatched(grid: Grid): Promise<void> {
    const { builder, ownership, reader } = this.#target;
    const { names } = this.#kubeState;
    for (const { labels, times } of await reader.read(watchedNamespaces(this.#kubeState), grid)) {
      const steps = [...times].flatMap((atMs) => builder.stepAt(atMs) ?? []);
      for (const workload of ownership.workloadsIn(labels[names.namespace] ?? '')) {
        for (const container of builder.containersOf(workload)) container.watchRestarts(steps);
      }
    }
  }

  async #podsOf(
    expression: PodSearch['expression'],
    context: ExpressionContext,
    grid: Grid,
  ): Promise<readonly string[]> {
    const found = await matchingPods({ ...this.#target, context, expression }, grid);
    return [...new Set(found.map(({ pod }) => pod))];
  }

  /** Restarts whose reason is OOM, and kills that only the kernel's counter knows: of a child process, say. */
  async #readOomKills(grid: Grid, restarts: readonly Sighting[], kernel: readonly Sighting[]): Promise<void> {
    const context = this.#kubeState;
    const reasons = await this.#ofPods(podsIn(restarts), { expression: oomReasonExpression, context, grid });
    const killed = new Set(reasons.map(keyAt));
    const told = restarts.filter((sighting) => killed.has(keyAt(sighting)));
    const shifts = [-context.stepMs, 0, context.stepMs];
    const near = new Set(
      told.flatMap((kill) => shifts.map((shift) => keyAt({ ...kill, atMs: kill.atMs + shift }))),
    );
    const kills = [...told, ...kernel.filter((kill) => !near.has(keyAt(kill)))];
    const limits = await this.#ofPods(podsIn(kills), { expression: memoryLimitExpression, context, grid });
    const limitAt = new Map(limits.map((limit) => [keyAt(limit), limit.value]));
    for (const { container, seen } of this.#owned(kills)) {
      const limitBytes = limitAt.get(keyAt(seen));
      const kill = { atMs: seen.atMs, pod: seen.pod, ...(limitBytes === undefined ? {} : { limitBytes }) };
      for (let count = 0; count < Math.round(seen.value); count += 1) container.addOomKill(kill);
    }
  }

  /** An expression for some pods only. */
  async #ofPods(pods: readonly string[], reading: PodsReading): Promise<readonly Sighting[]> {
    const { context, expression, grid } = reading;
    const found: Sighting[] = [];
    for (let first = 0; first < pods.length; first += PODS_PER_QUERY) {
      const some = pods.slice(first, first + PODS_PER_QUERY);
      const series = await this.#target.reader.read(expression(context, some), grid);
      found.push(...sightingsOf(series, context.names));
    }
    return found;
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

interface PodsReading {
  readonly expression: PodsExpression;
  readonly context: ExpressionContext;
  readonly grid: Grid;
}

function podsIn(sightings: readonly Sighting[]): readonly string[] {
  return [...new Set(sightings.map(({ pod }) => pod))];
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

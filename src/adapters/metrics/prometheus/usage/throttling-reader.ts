/**
 * Reads how often containers were throttled. Most never are: one pass over the counters finds the workloads that were,
 * and only those are read step by step, which for all would cost as much as CPU and memory together. A container that has
 * a limit and was not throttled has a share of zero wherever its CPU was seen, since one scrape tells both.
 */
import type { Grid } from '#domain/usage/series.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import type { PromqlClient } from '../client/promql-client.ts';
import {
  type ExpressionContext,
  limitedSelector,
  throttledExpression,
  throttledPods,
} from './expressions.ts';
import { matchingPods } from './matching-pods.ts';
import type { Ownership } from './ownership.ts';
import { applyQuantity, type PodCounts, podGroups } from './pod-groups.ts';
import type { RangeReader } from './range-reader.ts';
import { narrowed } from './scope.ts';
import type { UsageBuilder } from './usage-builder.ts';

export interface ThrottlingTarget {
  readonly client: PromqlClient;
  readonly reader: RangeReader;
  readonly builder: UsageBuilder;
  readonly ownership: Ownership;
  readonly context: ExpressionContext;
}

export class ThrottlingReader {
  readonly #target: ThrottlingTarget;

  constructor(target: ThrottlingTarget) {
    this.#target = target;
  }

  /** After CPU and pods of the same stretch were read. Rejects with SourceError. */
  async read(grid: Grid, counts: PodCounts): Promise<void> {
    const [throttled, limited] = await Promise.all([this.#throttled(grid), this.#limited(grid)]);
    if (throttled.size > 0) await this.#readSteps([...throttled.values()], grid, counts);
    for (const { workload, container } of limited) {
      if (!throttled.has(workloadKey(workload))) this.#setZero(workload, container, grid);
    }
  }

  async #throttled(grid: Grid): Promise<ReadonlyMap<string, WorkloadRef>> {
    const { ownership } = this.#target;
    const pods = await matchingPods({ ...this.#target, expression: throttledPods }, grid);
    const workloads = pods.flatMap(({ namespace, pod }) => ownership.workloadOfPod(namespace, pod) ?? []);
    return new Map(workloads.map((workload) => [workloadKey(workload), workload]));
  }

  async #limited(grid: Grid): Promise<readonly Limited[]> {
    const { client, context, ownership } = this.#target;
    const range = { startMs: grid.startMs, endMs: grid.startMs + grid.steps * grid.stepMs };
    const found = new Map<string, Limited>();
    for (const labels of await client.series([limitedSelector(context)], range)) {
      const container = labels[context.names.container] ?? '';
      const workload = ownership.workloadOfPod(
        labels[context.names.namespace] ?? '',
        labels[context.names.pod] ?? '',
      );
      if (workload !== undefined) found.set(`${workloadKey(workload)}/${container}`, { workload, container });
    }
    return [...found.values()];
  }

  async #readSteps(workloads: readonly WorkloadRef[], grid: Grid, counts: PodCounts): Promise<void> {
    const { builder, reader } = this.#target;
    const context = { ...this.#target.context, scope: narrowed(this.#target.context.scope, workloads) };
    const read = async (how: 'max' | 'avg') =>
      podGroups(await reader.read(throttledExpression(how, context), grid), this.#target);
    const [max, mean] = await Promise.all([read('max'), read('avg')]);
    applyQuantity(builder, 'throttledRatio', { max, mean, counts });
  }

  #setZero(workload: WorkloadRef, name: string, grid: Grid): void {
    const { builder } = this.#target;
    const container = builder.container(workload, name);
    for (let step = 0; step < grid.steps; step += 1) {
      const at = builder.stepAt(grid.startMs + (step + 1) * grid.stepMs);
      if (at === undefined || !container.isKnown('cpuCores', at)) continue;
      const throttled = container.quantity('throttledRatio');
      throttled.raise(at, 0);
      throttled.average(at, 0, 1);
    }
  }
}

interface Limited {
  readonly workload: WorkloadRef;
  readonly container: string;
}

/** Puts the groups of pods that a source answers with together to workloads. */
import { type Grid, stepAt, stepEndMs } from '#domain/usage/series.ts';
import type { ContainerUsage, OomKill, UsageSeries } from '#domain/usage/usage.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';

/** One quantity over the pods of a container name; groups (the ReplicaSets of a rollout) are added one by one. */
export class QuantityBuilder {
  readonly #grid: Grid;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;
  rejected = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#max = new Float64Array(grid.steps).fill(Number.NaN);
    this.#sum = new Float64Array(grid.steps);
    this.#weight = new Float64Array(grid.steps);
  }

  /** The highest value of a group in a step. */
  raise(step: number, value: number): void {
    const held = this.#max[step] ?? Number.NaN;
    if (!(held >= value)) this.#max[step] = value;
  }

  /** The mean of a group of `pods` pods in a step. */
  average(step: number, mean: number, pods: number): void {
    this.#sum[step] = (this.#sum[step] ?? 0) + mean * pods;
    this.#weight[step] = (this.#weight[step] ?? 0) + pods;
  }

  isKnown(step: number): boolean {
    return !Number.isNaN(this.#max[step] ?? Number.NaN);
  }

  /** −1 where no step is known. */
  lastKnownStep(): number {
    return this.#max.findLastIndex((value) => !Number.isNaN(value));
  }

  /** The series; `pods` counts where it knows, and one pod must have been there wherever there is a value. */
  build(pods: Float64Array): UsageSeries {
    const { startMs, stepMs } = this.#grid;
    const mean = this.#sum.map((sum, step) => (this.isKnown(step) ? this.#mean(sum, step) : Number.NaN));
    const counted = pods.map((count, step) =>
      this.isKnown(step) ? Math.max(1, Number.isNaN(count) ? 1 : count) : Number.NaN,
    );
    const rejected = this.rejected > 0 ? { rejected: this.rejected } : {};
    return { startMs, stepMs, max: this.#max, mean, pods: counted, ...rejected };
  }

  /** Where no mean came, and where rounding would lift it above the peak, the peak is the mean. */
  #mean(sum: number, step: number): number {
    const max = this.#max[step] ?? Number.NaN;
    const weight = this.#weight[step] ?? 0;
    return weight > 0 ? Math.min(max, sum / weight) : max;
  }
}

export type BuiltQuantity = 'cpuCores' | 'memoryBytes' | 'throttledRatio';

/** What is known of one container name of a workload. */
export class ContainerBuilder {
  readonly container: string;
  readonly pods: Float64Array;
  readonly #grid: Grid;
  readonly #quantities = new Map<BuiltQuantity, QuantityBuilder>();
  /** Restarts per step and pod; a step that was watched has an entry even if nothing restarted. */
  readonly #restarts = new Map<number, Map<string, number>>();
  readonly #oomKills: OomKill[] = [];

  constructor(container: string, grid: Grid) {
    this.container = container;
    this.#grid = grid;
    this.pods = new Float64Array(grid.steps).fill(Number.NaN);
  }

  quantity(name: BuiltQuantity): QuantityBuilder {
    const known = this.#quantities.get(name);
    if (known !== undefined) return known;
    const created = new QuantityBuilder(this.#grid);
    this.#quantities.set(name, created);
    return created;
  }

  /** Whether a quantity has a value in a step; asking makes none. */
  isKnown(name: BuiltQuantity, step: number): boolean {
    return this.#quantities.get(name)?.isKnown(step) === true;
  }

  addPods(step: number, pods: number): void {
    const held = this.pods[step] ?? Number.NaN;
    this.pods[step] = (Number.isNaN(held) ? 0 : held) + pods;
  }

  /** Steps in which a restart would have been seen, if pods were there. */
  watchRestarts(steps: readonly number[]): void {
    for (const step of steps) if (this.#isSampled(step)) this.#restartsIn(step);
  }

  #isSampled(step: number): boolean {
    return this.isKnown('cpuCores', step) || this.isKnown('memoryBytes', step);
  }

  addRestarts(step: number, pod: string, count: number): void {
    const counts = this.#restartsIn(step);
    counts.set(pod, (counts.get(pod) ?? 0) + count);
  }

  addOomKill(kill: OomKill): void {
    this.#oomKills.push(kill);
  }

  #restartsIn(step: number): Map<string, number> {
    const counts = this.#restarts.get(step) ?? new Map<string, number>();
    this.#restarts.set(step, counts);
    return counts;
  }

  /** The end of the last step with a sample of CPU or memory; undefined where there is none. */
  lastKnownMs(): number | undefined {
    const [cpu, memory] = [this.#quantities.get('cpuCores'), this.#quantities.get('memoryBytes')];
    const step = Math.max(cpu?.lastKnownStep() ?? -1, memory?.lastKnownStep() ?? -1);
    return step < 0 ? undefined : stepEndMs(this.#grid, step);
  }

  build(): ContainerUsage {
    const series = (name: BuiltQuantity): Partial<Record<BuiltQuantity, UsageSeries>> => {
      const built = this.#quantities.get(name)?.build(this.pods);
      return built === undefined ? {} : { [name]: built };
    };
    return {
      container: this.container,
      ...series('cpuCores'),
      ...series('memoryBytes'),
      ...series('throttledRatio'),
      ...(this.#restarts.size === 0 ? {} : { restarts: this.#restartSeries() }),
      oomKills: this.#oomKills.toSorted((a, b) => a.atMs - b.atMs),
    };
  }

  #restartSeries(): UsageSeries {
    const { startMs, stepMs, steps } = this.#grid;
    const unknown = (): Float64Array => new Float64Array(steps).fill(Number.NaN);
    const series = { startMs, stepMs, max: unknown(), mean: unknown(), pods: unknown() };
    for (const [step, counts] of this.#restarts) {
      const pods = this.pods[step] ?? Number.NaN;
      const all = Math.max(1, Number.isNaN(pods) ? 1 : pods, counts.size);
      const sum = [...counts.values()].reduce((total, count) => total + count, 0);
      series.max[step] = Math.max(0, ...counts.values());
      series.mean[step] = sum / all;
      series.pods[step] = all;
    }
    return series;
  }
}

/** The containers of every workload that a query asked for. */
export class UsageBuilder {
  readonly grid: Grid;
  readonly #containers = new Map<string, Map<string, ContainerBuilder>>();

  constructor(grid: Grid) {
    this.grid = grid;
  }

  container(workload: WorkloadRef, name: string): ContainerBuilder {
    const key = workloadKey(workload);
    const containers = this.#containers.get(key) ?? new Map<string, ContainerBuilder>();
    this.#containers.set(key, containers);
    const known = containers.get(name) ?? new ContainerBuilder(name, this.grid);
    containers.set(name, known);
    return known;
  }

  /** Forgets what was read of some workloads, which are to be read anew. */
  forget(workloads: readonly WorkloadRef[]): void {
    for (const workload of workloads) this.#containers.delete(workloadKey(workload));
  }

  /** The step of which a value at `atMs` tells; undefined where it is none of the query's. */
  stepAt(atMs: number): number | undefined {
    return stepAt(this.grid, atMs);
  }

  /** In the order of their names. */
  containersOf(workload: WorkloadRef): readonly ContainerBuilder[] {
    const containers = [...(this.#containers.get(workloadKey(workload))?.values() ?? [])];
    return containers.sort((a, b) => (a.container < b.container ? -1 : 1));
  }
}

/** The pods of one controller, as the source puts them together: whose they are, and what they add to a workload. */
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { RangeSeries } from '../client/range-series.ts';
import { BASE_LABEL, type ExpressionContext, ORDINAL_LABEL } from './expressions.ts';
import type { Ownership } from './ownership.ts';
import type { BuiltQuantity, ContainerBuilder, UsageBuilder } from './usage-builder.ts';

/** A series of the pods of one controller, and the workload that they belong to. */
export interface PodGroup {
  readonly key: string;
  readonly workload: WorkloadRef;
  readonly container: string;
  readonly series: RangeSeries;
}

export interface QuantityGroups {
  readonly max: readonly PodGroup[];
  readonly mean: readonly PodGroup[];
}

/** Pods per group, for every step of the query, as weights for means. */
export type PodCounts = ReadonlyMap<string, Float64Array>;

interface Grouping {
  readonly ownership: Ownership;
  readonly context: ExpressionContext;
}

/** The series that belong to a workload of ours. */
export function podGroups(
  found: readonly RangeSeries[],
  { context, ownership }: Grouping,
): readonly PodGroup[] {
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

/** Groups without the values at times at which the other groups of the same key have none. */
export function whereBoth(groups: readonly PodGroup[], others: readonly PodGroup[]): readonly PodGroup[] {
  const known = new Map<string, Set<number>>();
  for (const { key, series } of others) {
    const times = known.get(key) ?? new Set();
    for (const atMs of series.times) times.add(atMs);
    known.set(key, times);
  }
  return groups.map((group) => {
    const { labels, times, values } = group.series;
    const there = known.get(group.key);
    const keep = (_: number, index: number): boolean => there?.has(times[index] ?? Number.NaN) === true;
    return { ...group, series: { labels, times: times.filter(keep), values: values.filter(keep) } };
  });
}

/** Adds up pods; a group whose count is not known in a step has one. */
export function applyPods(builder: UsageBuilder, groups: readonly PodGroup[]): Map<string, Float64Array> {
  const counts = new Map<string, Float64Array>();
  forEachValue(builder, groups, (container, key) => {
    const ofGroup = counts.get(key) ?? new Float64Array(builder.grid.steps).fill(1);
    counts.set(key, ofGroup);
    return (step, value) => {
      container.addPods(step, value);
      ofGroup[step] = value;
    };
  });
  return counts;
}

/** Takes the peaks, and the means weighted by pods. */
export function applyQuantity(
  builder: UsageBuilder,
  name: BuiltQuantity,
  { counts, max, mean }: QuantityGroups & { readonly counts: PodCounts },
): void {
  forEachValue(builder, max, (container) => {
    const quantity = container.quantity(name);
    return (step, value) => { quantity.raise(step, value); }; // prettier-ignore
  });
  forEachValue(builder, mean, (container, key) => {
    const [quantity, weights] = [container.quantity(name), counts.get(key)];
    return (step, value) => { quantity.average(step, value, weights?.[step] ?? 1); }; // prettier-ignore
  });
}

type Taker = (container: ContainerBuilder, key: string) => (step: number, value: number) => void;

/** Hands every value of a step of ours to what `taker` makes for its group. */
function forEachValue(builder: UsageBuilder, groups: readonly PodGroup[], taker: Taker): void {
  for (const { key, workload, container, series } of groups) {
    const take = taker(builder.container(workload, container), key);
    for (const [index, atMs] of series.times.entries()) {
      const step = builder.stepAt(atMs);
      const value = series.values[index] ?? Number.NaN;
      if (step !== undefined && !Number.isNaN(value)) take(step, value);
    }
  }
}

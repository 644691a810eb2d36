/** Derived views of an observation that several decisions share. */
import { changedFields, type FieldMap, type FieldPath, parseResourcePath } from '#domain/change/field.ts';
import { desiredPodFields } from '#domain/change/pod-objects.ts';
import { measureRate, type SavingsRate } from '#domain/ledger/ledger.ts';
import { podOverlay, type RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { PodFacts } from '#domain/workload/pod-facts.ts';
import type { TargetFacts } from '#domain/workload/target-facts.ts';
import type { Observation } from './observation.ts';

/** The fields of the workload and of its autoscalers, as their objects state them. */
export function objectFields(o: Pick<Observation, 'surroundings'>, target: TargetFacts): FieldMap {
  return Object.assign(
    {},
    target.fields,
    target.declared,
    ...o.surroundings.hpas.map((hpa) => hpa.fields),
  ) as FieldMap;
}

/** The sizes and replicas in force: the template's, overlaid with what pods were resized to in place. */
export function presentSizes(target: TargetFacts, entry: RollbackEntry | undefined): FieldMap {
  return { ...target.fields, ...entry?.overlay };
}

/** What these fields hold now; null where they are not set. */
export function presentValues(o: Observation, target: TargetFacts, paths: readonly FieldPath[]): FieldMap {
  const present = { ...objectFields(o, target), ...presentSizes(target, o.entry) };
  return Object.fromEntries(paths.map((path) => [path, present[path] ?? null] as const));
}

/** Pods that count: not on their way out, and not ended for good. */
export function livePods(o: Pick<Observation, 'pods'>): PodFacts[] {
  return o.pods.filter((pod) => !pod.terminating && !pod.ended);
}

/** The pods whose spec does not yet ask for `sizes` (where it has those containers). */
export function podsToResize(pods: readonly PodFacts[], sizes: FieldMap): PodFacts[] {
  return pods.filter((pod) => pod.running && !pod.terminating && !carries(pod.asked, sizes));
}

/** True where every running pod really has the sizes. */
export function allPodsCarry(pods: readonly PodFacts[], sizes: FieldMap): boolean {
  return pods.every((pod) => !pod.running || carries(pod.actual, sizes));
}

/** True where a pod has the sizes, as far as it has those containers. */
export function carries(pod: FieldMap, sizes: FieldMap): boolean {
  const relevant = Object.fromEntries(Object.entries(sizes).filter(([path]) => path in pod));
  return Object.keys(changedFields(pod, relevant)).length === 0;
}

/** The sizes that pods should carry under an entry, of the fields that it is about. */
export function sizesUnder(target: TargetFacts, entry: RollbackEntry | undefined): FieldMap {
  return entry === undefined ? {} : ownSizes(entry, { ...target.fields, ...podOverlay(entry) });
}

/** The sizes among `fields` that an entry has ever changed: other sizes of the pods may be another optimization's. */
export function ownSizes(entry: RollbackEntry, fields: FieldMap): FieldMap {
  const sizes = Object.entries(desiredPodFields(fields, {}));
  return Object.fromEntries(sizes.filter(([path]) => path in entry.original));
}

/** True where an entry keeps pods at sizes other than their template's. */
export function hasOverlay(entry: RollbackEntry): boolean {
  return Object.keys(podOverlay(entry)).some((path) => parseResourcePath(path) !== undefined);
}

/** What the workload saves now against its originals. */
export function currentRate(o: Observation, target: TargetFacts, entry: RollbackEntry): SavingsRate {
  return measureRate(entry.original, {
    atMs: o.nowMs,
    pods: livePods(o).map((pod) => pod.actual),
    desiredReplicas: target.rollout.desiredReplicas,
    prices: o.prices,
    baselinePrices: o.spot?.onDemandPrices,
  });
}

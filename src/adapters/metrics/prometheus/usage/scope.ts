/** Which pods a batch of queries is about: as narrow as the selectors can say without becoming long. */
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { LabelNames } from './label-flavour.ts';
import { CUT_BASE_LENGTH } from './pod-names.ts';
import { escapeRegex, literal, noneOf, oneOf, selector } from './selectors.ts';

/** Namespaces that one selector names. */
const MAX_NAMESPACES = 50;
/**
 * Workloads that one selector names: Prometheus looks prefixes up in a table, so that hundreds cost no more than one,
 * and a query stays far below what proxies take.
 */
export const MAX_WORKLOADS = 250;

export interface Scope {
  readonly workloads: readonly WorkloadRef[];
  readonly namespaces: readonly string[];
  /** Pods that look like those of a workload and are not. */
  readonly foreignPods: readonly string[];
  /** Matchers that the user has set, e.g. `cluster="prod"`. */
  readonly extra: readonly string[];
}

/** Workloads in batches that one selector can name; those of a namespace stand together. */
export function scopesOf(
  workloads: readonly WorkloadRef[],
  extra: readonly string[],
  most = MAX_WORKLOADS,
): readonly Scope[] {
  const byNamespace = Map.groupBy(workloads, ({ namespace }) => namespace);
  const sorted = [...byNamespace.values()].flat();
  const batches: Scope[] = [];
  let [first, namespaces] = [0, new Set<string>()];
  for (const [index, { namespace }] of sorted.entries()) {
    const isFull =
      index - first === most || (namespaces.size === MAX_NAMESPACES && !namespaces.has(namespace));
    if (isFull) {
      batches.push(scopeOf(sorted.slice(first, index), extra));
      [first, namespaces] = [index, new Set()];
    }
    namespaces.add(namespace);
  }
  if (first < sorted.length) batches.push(scopeOf(sorted.slice(first), extra));
  return batches;
}

function scopeOf(workloads: readonly WorkloadRef[], extra: readonly string[]): Scope {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  return { workloads, namespaces, foreignPods: [], extra };
}

/** A scope in two, where the source cannot serve as many series at once; undefined where it is one workload. */
export function halvesOf({ workloads, extra }: Scope): readonly [Scope, Scope] | undefined {
  if (workloads.length < 2) return undefined;
  const middle = Math.ceil(workloads.length / 2);
  return [scopeOf(workloads.slice(0, middle), extra), scopeOf(workloads.slice(middle), extra)];
}

/** The same scope for some of its workloads. */
export function narrowed(scope: Scope, workloads: readonly WorkloadRef[]): Scope {
  return { ...scopeOf(workloads, scope.extra), foreignPods: scope.foreignPods };
}

/** The matchers of a scope, for metrics whose labels are named so. */
export function scopeMatchers(scope: Scope, names: LabelNames): readonly string[] {
  return [
    ...scope.extra,
    oneOf(names.namespace, scope.namespaces),
    podMatcher(scope, names.pod),
    scope.foreignPods.length === 0 ? '' : noneOf(names.pod, scope.foreignPods),
  ];
}

/** A metric of containers; the pod's own cgroup has no container name, and its pause container has `POD`. */
export function containerSelector(metric: string, scope: Scope, names: LabelNames): string {
  const containers = [`${names.container}!=""`, `${names.container}!="POD"`];
  return metric + selector([...scopeMatchers(scope, names), ...containers]);
}

function podMatcher({ workloads }: Scope, label: string): string {
  const names = [...new Set(workloads.map(({ name }) => name))];
  // Of a long name the pods carry the beginning only.
  const prefixes = names.map((name) =>
    name.length < CUT_BASE_LENGTH ? `${name}-` : name.slice(0, CUT_BASE_LENGTH),
  );
  return `${label}=~${literal(prefixes.map((prefix) => `${escapeRegex(prefix)}.*`).join('|'))}`;
}

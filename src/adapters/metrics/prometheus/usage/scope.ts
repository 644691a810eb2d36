/** Which pods a batch of queries is about: as narrow as the selectors can say without becoming long. */
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { LabelNames } from './label-flavour.ts';
import { CUT_BASE_LENGTH } from './pod-names.ts';
import { escapeRegex, literal, noneOf, oneOf, selector } from './selectors.ts';

/** More names than this in one selector cost the source more than they spare it. */
const MAX_NAMES = 50;

export interface Scope {
  readonly workloads: readonly WorkloadRef[];
  readonly namespaces: readonly string[];
  /** Pods that look like those of a workload and are not. */
  readonly foreignPods: readonly string[];
  /** Matchers that the user has set, e.g. `cluster="prod"`. */
  readonly extra: readonly string[];
}

/** Workloads in batches of whole namespaces, so that no namespace is read twice. */
export function scopesOf(workloads: readonly WorkloadRef[], extra: readonly string[]): readonly Scope[] {
  const byNamespace = Map.groupBy(workloads, ({ namespace }) => namespace);
  const names = [...byNamespace.keys()];
  const batches: Scope[] = [];
  for (let first = 0; first < names.length; first += MAX_NAMES) {
    const namespaces = names.slice(first, first + MAX_NAMES);
    const members = namespaces.flatMap((namespace) => byNamespace.get(namespace) ?? []);
    batches.push({ workloads: members, namespaces, foreignPods: [], extra });
  }
  return batches;
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
  if (workloads.length > MAX_NAMES) return '';
  const names = [...new Set(workloads.map(({ name }) => name))];
  // Of a long name the pods carry the beginning only.
  const prefixes = names.map((name) =>
    name.length < CUT_BASE_LENGTH ? `${name}-` : name.slice(0, CUT_BASE_LENGTH),
  );
  return `${label}=~${literal(prefixes.map((prefix) => `${escapeRegex(prefix)}.*`).join('|'))}`;
}

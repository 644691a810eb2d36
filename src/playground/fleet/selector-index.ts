/** Objects by each of their labels, kept up to date from changes: a selector looks at few instead of at all. */
import type { LabelSelector } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { labelsOf, namespaceOf, uidOf } from './meta.ts';
import { matchesSelector } from './selectors.ts';

export class SelectorIndex<T extends KubeObject> {
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #stop: () => void;

  constructor(source: { readonly access: ClusterAccess; readonly type: ResourceType<T> }) {
    this.#stop = source.access.onChange(source.type, ({ type, object, previous }) => {
      if (previous !== undefined && (type === 'DELETED' || !hasSameGroups(previous, object)))
        this.#remove(previous);
      if (type !== 'DELETED') this.#put(object);
    });
  }

  /** What the selector selects in the namespace. */
  select(namespace: string, selector: LabelSelector | undefined): readonly T[] {
    const found: T[] = [];
    for (const object of this.#fewest(namespace, selector)) {
      if (matchesSelector(selector, labelsOf(object))) found.push(object);
    }
    return found;
  }

  stop(): void {
    this.#stop();
  }

  /** The smallest group that holds everything that the selector can select. */
  #fewest(namespace: string, selector: LabelSelector | undefined): Iterable<T> {
    const keys = Object.entries(selector?.matchLabels ?? {}).map((label) => groupKey(namespace, label));
    const sizes = keys.map((key) => this.#groups.get(key)?.size ?? 0);
    const key = keys[sizes.indexOf(Math.min(...sizes))] ?? groupKey(namespace);
    return this.#groups.get(key)?.values() ?? [];
  }

  #put(object: T): void {
    for (const key of groupsOf(object)) {
      let group = this.#groups.get(key);
      if (group === undefined) this.#groups.set(key, (group = new Map<string, T>()));
      group.set(uidOf(object), object);
    }
  }

  #remove(object: T): void {
    for (const key of groupsOf(object)) {
      const group = this.#groups.get(key);
      if (group?.delete(uidOf(object)) === true && group.size === 0) this.#groups.delete(key);
    }
  }
}

function groupKey(namespace: string, label?: readonly [key: string, value: string]): string {
  return label === undefined ? namespace : `${namespace}\n${label[0]}=${label[1]}`;
}

function groupsOf(object: KubeObject): readonly string[] {
  const namespace = namespaceOf(object);
  return [
    groupKey(namespace),
    ...Object.entries(labelsOf(object)).map((label) => groupKey(namespace, label)),
  ];
}

function hasSameGroups(before: KubeObject, after: KubeObject): boolean {
  const [old, now] = [groupsOf(before), groupsOf(after)];
  return old.length === now.length && old.every((key, index) => key === now[index]);
}

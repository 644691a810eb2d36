/** Where a controller's work comes from: changes of objects, turned into the keys of what must be reconciled. */
import {
  type KubeObject,
  type ObjectKey,
  type OwnerReference,
  keyOf,
  keyText,
} from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Change } from '#kube/store/change.ts';
import type { Informer } from '#kube/watch/informer.ts';
import type { Priority } from '../queue/work-queue.ts';
import type { Predicate } from './predicates.ts';

/** Takes a key to reconcile. */
export type Enqueue = (key: ObjectKey, priority: Priority) => void;

export interface Source {
  /** What must be synced before the controller may decide anything. */
  readonly informer?: Informer;
  /** Starts telling, existing objects first; returns how to stop. */
  start(enqueue: Enqueue): () => void;
  /** The keys of the controller's own objects, for resyncs; none for sources of other objects. */
  ownKeys(): readonly ObjectKey[];
}

/** Turns an object into the keys of those that depend on it. */
export type MapToKeys<T extends KubeObject> = (object: T) => readonly ObjectKey[];

/** The objects that the controller is for. */
export function watchOwn<T extends KubeObject>(
  informer: Informer<T>,
  ...predicates: readonly Predicate<T>[]
): Source {
  const source = watchMapped<T>(informer, (object) => [keyOf(object)], ...predicates);
  return { ...source, ownKeys: () => informer.store.list().map(keyOf) };
}

/** Objects that the controller's objects own (as controller); the owner is reconciled. */
export function watchOwned<T extends KubeObject>(
  informer: Informer<T>,
  ownerType: ResourceType,
  ...predicates: readonly Predicate<T>[]
): Source {
  const map = (object: T): readonly ObjectKey[] =>
    (object.metadata?.ownerReferences ?? [])
      .filter((owner) => owner.controller === true && isOf(owner, ownerType))
      .map(({ name }) => ({
        name,
        ...(ownerType.namespaced ? { namespace: object.metadata?.namespace } : {}),
      }));
  return watchMapped(informer, map, ...predicates);
}

/** Any objects; `map` tells which keys to reconcile. A modification maps the old state too: both sides changed. */
export function watchMapped<T extends KubeObject>(
  informer: Informer<T>,
  map: MapToKeys<T>,
  ...predicates: readonly Predicate<T>[]
): Source {
  return {
    informer,
    ownKeys: () => [],
    start: (enqueue) => {
      let replaying = true;
      const stop = informer.onChange((change) => {
        if (!predicates.every((predicate) => predicate(change))) return;
        const priority = replaying || !informer.synced ? 'resync' : 'change';
        for (const key of keysOfChange(change, map)) enqueue(key, priority);
      });
      replaying = false;
      return stop;
    },
  };
}

/** A source that is fired by hand: a timer, a webhook, another component of the same process. */
export class Trigger implements Source {
  readonly #sinks = new Set<Enqueue>();

  fire(key: ObjectKey, priority: Priority = 'change'): void {
    for (const enqueue of this.#sinks) enqueue(key, priority);
  }

  start(enqueue: Enqueue): () => void {
    const sink: Enqueue = (key, priority) => { enqueue(key, priority); }; // prettier-ignore
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  ownKeys(): readonly ObjectKey[] {
    return [];
  }
}

function keysOfChange<T extends KubeObject>(change: Change<T>, map: MapToKeys<T>): Iterable<ObjectKey> {
  const before = change.type === 'MODIFIED' && change.previous !== undefined ? map(change.previous) : [];
  return new Map([...before, ...map(change.object)].map((key) => [keyText(key), key])).values();
}

/** Compares group and kind; the version of a reference may be an older one. */
function isOf(owner: OwnerReference, type: ResourceType): boolean {
  const slash = owner.apiVersion.indexOf('/');
  return owner.kind === type.kind && (slash < 0 ? '' : owner.apiVersion.slice(0, slash)) === type.group;
}

/**
 * What depends on an object that goes, goes too (in the background, or before it in the foreground), or is let go of.
 * Works off its tasks a moment after what caused them, as the controller of a real cluster does.
 */
import type { OwnerReference } from '#apis/kubernetes/object.ts';
import type { Resource } from '../resources/resource.ts';
import { type ApiObject, withMeta, withoutMeta } from '../storage/api-object.ts';
import type { Change } from '../storage/history.ts';
import { StatusError } from '../wire/status-error.ts';
import { FOREGROUND, ORPHAN, type Propagation, deleteObject, readDeleteOptions } from '../writes/delete.ts';
import { tracked } from '../writes/track.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { internalCall } from './internal-call.ts';
import { type ObjectPlace, OwnerIndex } from './owner-index.ts';

/** Between the cause and the work. */
const DELAY_MS = 10;

export class GarbageCollector {
  readonly #parts: ServerParts;
  readonly #index = new OwnerIndex();
  readonly #queue = new Map<string, ObjectPlace>();
  #isScheduled = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Looks after one more kind of object. */
  watch(resource: Resource): () => void {
    const collection = this.#parts.store.collection(resource.stored);
    for (const object of collection.list()) this.#enqueue({ resource, key: keyOf(object) });
    return collection.listen((change) => {
      this.#note(resource, change);
    });
  }

  #note(resource: Resource, change: Change): void {
    this.#index.apply(resource, change);
    const { type, object, previous, key } = change;
    const { uid = '', deletionTimestamp, ownerReferences } = object.metadata;
    if (type === 'DELETED') {
      for (const place of this.#index.dependentsOf(uid)) this.#enqueue(place);
      for (const owner of ownerReferences ?? []) this.#enqueueOwner(object, owner);
      return;
    }
    const isOwned = ownerReferences !== undefined && ownerReferences !== previous?.metadata.ownerReferences;
    if (isOwned || deletionTimestamp !== undefined) this.#enqueue({ resource, key });
  }

  /** An owner that waits for its dependents may be free now. */
  #enqueueOwner(object: ApiObject, owner: OwnerReference): void {
    const resource = this.#parts.registry.ofKind(owner);
    if (resource === undefined) return;
    const { namespace } = object.metadata;
    this.#enqueue({ resource, key: resource.namespaced ? `${namespace ?? ''}/${owner.name}` : owner.name });
  }

  #enqueue(place: ObjectPlace): void {
    this.#queue.set(`${place.resource.group}/${place.resource.plural}/${place.key}`, place);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#parts.clock.after(DELAY_MS, () => {
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    const places = [...this.#queue.values()];
    this.#queue.clear();
    this.#isScheduled = false;
    for (const place of places) await this.#process(place);
  }

  async #process(place: ObjectPlace): Promise<void> {
    const object = this.#get(place);
    if (object === undefined) return;
    if (object.metadata.deletionTimestamp === undefined) {
      await this.#collect(place, object);
      return;
    }
    const finalizers = object.metadata.finalizers ?? [];
    if (finalizers.includes(ORPHAN)) this.#orphan(place, object);
    else if (finalizers.includes(FOREGROUND)) await this.#deleteDependents(place, object);
  }

  #get({ resource, key }: ObjectPlace): ApiObject | undefined {
    return this.#parts.store.collection(resource.stored).get(key);
  }

  /** An object whose owners are all gone goes too; one that has some left forgets the others. */
  async #collect(place: ObjectPlace, object: ApiObject): Promise<void> {
    const owners = object.metadata.ownerReferences ?? [];
    const present = owners.filter((owner) => this.#isPresent(object, owner));
    if (owners.length === present.length) {
      await this.#followForeground(place, object, present);
      return;
    }
    if (present.length > 0) this.#update(place, object, withMeta(object, { ownerReferences: present }));
    else await this.#delete(place, object, inheritedPropagation(object));
  }

  /** Where every owner is being deleted in the foreground, a dependent goes at once. */
  async #followForeground(
    place: ObjectPlace,
    object: ApiObject,
    owners: readonly OwnerReference[],
  ): Promise<void> {
    const areWaiting = owners.length > 0 && owners.every((owner) => this.#waitsForDependents(object, owner));
    if (areWaiting) await this.#delete(place, object, 'Foreground');
  }

  #waitsForDependents(object: ApiObject, owner: OwnerReference): boolean {
    const found = this.#ownerObject(object, owner);
    return (
      found?.metadata.deletionTimestamp !== undefined &&
      (found.metadata.finalizers ?? []).includes(FOREGROUND)
    );
  }

  #ownerObject(object: ApiObject, owner: OwnerReference): ApiObject | undefined {
    const resource = this.#parts.registry.ofKind(owner);
    if (resource === undefined) return undefined;
    const key = resource.namespaced ? `${object.metadata.namespace ?? ''}/${owner.name}` : owner.name;
    const found = this.#get({ resource, key });
    return found?.metadata.uid === owner.uid ? found : undefined;
  }

  /** Owners of kinds that nobody serves cannot be judged: they count as present. */
  #isPresent(object: ApiObject, owner: OwnerReference): boolean {
    if (this.#parts.registry.ofKind(owner) === undefined) return true;
    return this.#ownerObject(object, owner) !== undefined;
  }

  /** Lets the dependents go and then the object. */
  #orphan(place: ObjectPlace, object: ApiObject): void {
    for (const dependent of this.#index.dependentsOf(object.metadata.uid ?? '')) {
      const found = this.#get(dependent);
      if (found === undefined) continue;
      const kept = (found.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== object.metadata.uid);
      const next =
        kept.length === 0
          ? withoutMeta(found, 'ownerReferences')
          : withMeta(found, { ownerReferences: kept });
      const change = { live: found, object: next, name: 'kube-controller-manager' };
      this.#update(dependent, found, tracked(this.#parts, dependent.resource, change));
    }
    this.#dropFinalizer(place, object, ORPHAN);
  }

  /** Deletes the dependents; the object itself waits for those that block it. */
  async #deleteDependents(place: ObjectPlace, object: ApiObject): Promise<void> {
    const dependents = this.#index.dependentsOf(object.metadata.uid ?? '');
    let isBlocked = false;
    for (const dependent of dependents) {
      const found = this.#get(dependent);
      if (found === undefined) continue;
      const references = (found.metadata.ownerReferences ?? []).filter(
        ({ uid }) => uid === object.metadata.uid,
      );
      if (references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) isBlocked = true;
      if (found.metadata.deletionTimestamp === undefined) await this.#collect(dependent, found);
    }
    const present = this.#get(place);
    if (!isBlocked && present !== undefined) this.#dropFinalizer(place, present, FOREGROUND);
  }

  #dropFinalizer(place: ObjectPlace, object: ApiObject, name: string): void {
    const finalizers = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== name);
    if (finalizers.length > 0) {
      this.#update(place, object, withMeta(object, { finalizers }));
      return;
    }
    const { rules, stored } = place.resource;
    const bare = withoutMeta(object, 'finalizers');
    const isOver = (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 && !rules.isHeld(bare);
    if (isOver) this.#parts.store.remove(stored, object, bare);
    else this.#update(place, object, bare);
  }

  #update({ resource }: ObjectPlace, object: ApiObject, next: ApiObject): void {
    this.#parts.store.update(resource.stored, object, next);
  }

  async #delete({ resource }: ObjectPlace, object: ApiObject, propagationPolicy: Propagation): Promise<void> {
    const { namespace = '', name = '', uid } = object.metadata;
    const request = readDeleteOptions({ propagationPolicy, preconditions: { uid } });
    try {
      await deleteObject(this.#parts, internalCall(resource, { namespace, name }), request);
    } catch (error) {
      // Somebody else was faster, or a webhook refuses: the next change brings the object here again.
      if (!(error instanceof StatusError)) throw error;
    }
  }
}

function keyOf({ metadata }: ApiObject): string {
  return metadata.namespace === undefined
    ? (metadata.name ?? '')
    : `${metadata.namespace}/${metadata.name ?? ''}`;
}

/** An object that was to wait for its dependents, or to leave them, still does. */
function inheritedPropagation(object: ApiObject): Propagation {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
}

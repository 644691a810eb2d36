/**
 * The local copy of a collection. It is fed by a reflector and read by everyone; what it hands out is frozen.
 *
 * It never goes back in time: an object is replaced only by a newer version of itself, so duplicated, late and
 * reordered events change nothing. What a store cannot put right by itself it reports as `suspect`, and the
 * reflector then lists afresh.
 */
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import { keyOf, keyText } from '#apis/kubernetes/object.ts';
import { Bucket, BucketIndex } from './bucket.ts';
import type { Change } from './change.ts';
import { TextPool, deepFreeze } from './freeze.ts';
import { type IndexFunction, byNamespace } from './indexes.ts';
import { compareResourceVersions, isNewer } from './resource-version.ts';

/** Reads. Every list is a snapshot: it never changes, whatever happens later. */
export interface StoreReader<T extends KubeObject = KubeObject> {
  readonly size: number;
  /** The newest resource version that this copy reflects. */
  readonly resourceVersion: string;
  get(key: ObjectKey): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** The objects that `index` files under `value`. The index is built on first use and kept from then on. */
  byIndex(index: IndexFunction<T>, value: string): readonly T[];
  /** Every value that `index` has objects for. */
  indexValues(index: IndexFunction<T>): readonly string[];
}

/** A change that a watch delivered. */
export interface ObjectEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/**
 * `applied`: it was news. `ignored`: known already, or older than what is known. `suspect`: it comes from the
 * past and nothing here tells whether the object still exists, so the stream cannot be trusted.
 */
export type Verdict = 'applied' | 'ignored' | 'suspect';

/** More indexes than this on one store mean that a closure is made per call instead of once. */
const MAX_INDEXES = 32;

export class ObjectStore<T extends KubeObject = KubeObject> implements StoreReader<T> {
  readonly #objects = new Bucket<T>();
  readonly #indexes = new Map<IndexFunction<T>, BucketIndex<T>>();
  readonly #onChange: (change: Change<T>) => void;
  readonly #texts = new TextPool();
  #resourceVersion = '';

  /** `onChange` is called for every change, in order, after the store has it. */
  constructor(onChange: (change: Change<T>) => void) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#objects.size;
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? this.#objects.list() : this.byIndex(byNamespace, namespace);
  }

  byIndex(index: IndexFunction<T>, value: string): readonly T[] {
    return this.#index(index).list(value);
  }

  indexValues(index: IndexFunction<T>): readonly string[] {
    return this.#index(index).values();
  }

  /**
   * Takes over a complete list as of `resourceVersion`. Objects that are known to be newer than the list (a write's
   * answer that came early, see `observe`) stay, unless `force` says that the server itself went back in time.
   */
  replace(objects: readonly T[], resourceVersion: string, force = false): void {
    const listed = new Map(objects.map((object) => [keyText(keyOf(object)), object]));
    const stays = (object: T): boolean => !force && isNewer(versionOf(object), resourceVersion);
    for (const known of this.#objects.list()) {
      if (!listed.has(keyText(keyOf(known))) && !stays(known)) this.#remove(known, known);
    }
    for (const [key, object] of listed) {
      const known = this.#objects.get(key);
      if (known === undefined || !stays(known)) this.#put(object, known);
    }
    this.#resourceVersion = resourceVersion;
  }

  /** Takes over one event of a watch. */
  apply(event: ObjectEvent<T>): Verdict {
    const version = versionOf(event.object);
    const known = this.#objects.get(keyText(keyOf(event.object)));
    const late = isAtMost(version, this.#resourceVersion);
    if (!late) this.#resourceVersion = version;
    if (known === undefined) return this.#applyToUnknown(event, late);
    if (isNewer(versionOf(known), version)) return 'ignored';
    if (event.type === 'DELETED') this.#remove(event.object, known);
    else if (version !== '' && versionOf(known) === version) return 'ignored';
    else this.#put(event.object, known);
    return 'applied';
  }

  /** The server has told that nothing else happened up to `resourceVersion`. */
  advance(resourceVersion: string): void {
    const order = compareResourceVersions(resourceVersion, this.#resourceVersion);
    if (order === undefined || order > 0) this.#resourceVersion = resourceVersion;
  }

  /**
   * Takes over the answer of a write of ours before the watch delivers it, so that the next reconcile does not act
   * on the past. Ignored where the watch is already past it, and where versions cannot be ordered.
   */
  observe(object: T): Verdict {
    const version = versionOf(object);
    if (!isNewer(version, this.#resourceVersion)) return 'ignored';
    const known = this.#objects.get(keyText(keyOf(object)));
    if (known !== undefined && !isNewer(version, versionOf(known))) return 'ignored';
    this.#put(object, known);
    return 'applied';
  }

  #applyToUnknown(event: ObjectEvent<T>, late: boolean): Verdict {
    if (event.type === 'DELETED') return 'ignored';
    if (late) return 'suspect';
    this.#put(event.object, undefined);
    return 'applied';
  }

  /** Stores `object` over `known`; an object of the same name but another uid is a deletion and an addition. */
  #put(object: T, known: T | undefined): void {
    if (known !== undefined && uidOf(known) !== uidOf(object)) {
      this.#remove(known, known);
      this.#put(object, undefined);
      return;
    }
    const version = versionOf(object);
    if (known !== undefined && version !== '' && versionOf(known) === version) return;
    const key = keyText(keyOf(object));
    this.#objects.set(key, deepFreeze(object, this.#texts));
    for (const index of this.#indexes.values()) index.change(key, known, object);
    this.#onChange({ type: known === undefined ? 'ADDED' : 'MODIFIED', object, previous: known });
  }

  #remove(last: T, known: T): void {
    const key = keyText(keyOf(known));
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) index.change(key, known, undefined);
    this.#onChange({ type: 'DELETED', object: deepFreeze(last, this.#texts), previous: known });
  }

  #index(valuesOf: IndexFunction<T>): BucketIndex<T> {
    const standing = this.#indexes.get(valuesOf);
    if (standing !== undefined) return standing;
    if (this.#indexes.size >= MAX_INDEXES) {
      throw new RangeError('a store has too many indexes; define each index function once, at module level');
    }
    const index = new BucketIndex(valuesOf);
    for (const object of this.#objects.list()) index.change(keyText(keyOf(object)), undefined, object);
    this.#indexes.set(valuesOf, index);
    return index;
  }
}

function uidOf(object: KubeObject): string | undefined {
  return object.metadata?.uid;
}

function versionOf(object: KubeObject): string {
  return object.metadata?.resourceVersion ?? '';
}

/** True where `version` is known to be older than or equal to `other`. */
function isAtMost(version: string, other: string): boolean {
  return (compareResourceVersions(version, other) ?? 1) <= 0;
}

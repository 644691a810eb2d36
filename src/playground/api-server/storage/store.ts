/**
 * The storage: one collection per kind and one revision for all of them, which grows by one with every commit, as
 * in etcd. It knows nothing of requests; whatever is committed here has been decided.
 */
import type { Clock } from '#platform/clock.ts';
import { type GroupResource, alreadyExists, conflict, MODIFIED, notFound } from '../wire/status-error.ts';
import { type ApiObject, storageKeyOf, withMeta } from './api-object.ts';
import { Collection } from './collection.ts';
import { type Change, DEFAULT_HISTORY, type HistoryLimits } from './history.ts';

export class Store {
  readonly #clock: Clock;
  readonly #limits: HistoryLimits;
  readonly #collections = new Map<string, Collection>();
  /** Changes that are committed but not yet announced. */
  readonly #unannounced: { readonly collection: Collection; readonly change: Change }[] = [];
  #revision = 1;

  constructor(clock: Clock, limits: HistoryLimits = DEFAULT_HISTORY) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The revision of the latest commit. */
  get revision(): number {
    return this.#revision;
  }

  collection(resource: GroupResource): Collection {
    const name = `${resource.group}/${resource.plural}`;
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Collection(this.#limits);
      this.#collections.set(name, collection);
    }
    return collection;
  }

  /** Every collection, by `group/plural`. */
  get collections(): ReadonlyMap<string, Collection> {
    return this.#collections;
  }

  /** Adds an object; AlreadyExists where there is one of that name. */
  create(resource: GroupResource, object: ApiObject): ApiObject {
    const key = storageKeyOf(object);
    if (this.collection(resource).get(key) !== undefined)
      throw alreadyExists(resource, object.metadata.name ?? '');
    return this.#commit(resource, { type: 'ADDED', key, object, previous: undefined });
  }

  /** Replaces `previous`; Conflict where it is not the present state any more. */
  update(resource: GroupResource, previous: ApiObject, object: ApiObject): ApiObject {
    const key = this.#checkPresent(resource, previous);
    return this.#commit(resource, { type: 'MODIFIED', key, object, previous });
  }

  /** Removes `previous`; Conflict where it is not the present state any more. */
  remove(resource: GroupResource, previous: ApiObject, lastState: ApiObject = previous): ApiObject {
    const key = this.#checkPresent(resource, previous);
    return this.#commit(resource, { type: 'DELETED', key, object: lastState, previous });
  }

  /** Forgets all history: older watches and lists get 410 from now on. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.history.compact();
  }

  #checkPresent(resource: GroupResource, previous: ApiObject): string {
    const key = storageKeyOf(previous);
    const present = this.collection(resource).get(key);
    const name = previous.metadata.name ?? '';
    if (present === undefined) throw notFound(resource, name);
    if (present !== previous) throw conflict(resource, name, MODIFIED);
    return key;
  }

  #commit(resource: GroupResource, parts: Pick<Change, 'type' | 'key' | 'object' | 'previous'>): ApiObject {
    this.#revision += 1;
    const object = withMeta(parts.object, { resourceVersion: String(this.#revision) });
    const change: Change = { ...parts, object, revision: this.#revision, atMs: this.#clock.now() };
    const collection = this.collection(resource);
    collection.apply(change);
    this.#unannounced.push({ collection, change });
    if (this.#unannounced.length === 1) this.#announce();
    return object;
  }

  /** In the order of the commits, even where a listener commits in its turn. */
  #announce(): void {
    for (let next = this.#unannounced[0]; next !== undefined; next = this.#unannounced[0]) {
      try {
        next.collection.announce(next.change);
      } finally {
        this.#unannounced.shift();
      }
    }
  }
}

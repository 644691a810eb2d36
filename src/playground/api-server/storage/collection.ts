/** All objects of one kind, in the order of their keys, with their recent changes and those who watch them. */
import type { ApiObject } from './api-object.ts';
import { type Change, History, type HistoryLimits } from './history.ts';

export type ChangeListener = (change: Change) => void;

/** One page of a list. */
export interface Slice {
  readonly items: readonly ApiObject[];
  /** The key of the last item seen, where more follow. */
  readonly lastKey: string | undefined;
  readonly remaining: number;
}

export class Collection {
  readonly #objects = new Map<string, ApiObject>();
  readonly #listeners = new Set<ChangeListener>();
  readonly history: History;
  /** The keys in order. */
  #keys: string[] = [];
  #all: readonly ApiObject[] | undefined;

  constructor(limits: HistoryLimits) {
    this.history = new History(limits);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): ApiObject | undefined {
    return this.#objects.get(key);
  }

  /** Takes a committed change over. */
  apply(change: Change): void {
    this.#all = undefined;
    if (change.type === 'DELETED') this.#remove(change.key);
    else this.#put(change.key, change.object);
    this.history.add(change);
  }

  /** Tells those who listen. */
  announce(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** Calls `listener` for every later change; returns how to stop. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Every object, or those of one namespace, in order. The list is not to be changed. */
  list(namespace?: string): readonly ApiObject[] {
    if (namespace === undefined || namespace === '') {
      this.#all ??= this.#keys.map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
      return this.#all;
    }
    const prefix = `${namespace}/`;
    const found: ApiObject[] = [];
    for (let index = this.#position(prefix); index < this.#keys.length; index += 1) {
      const key = this.#keys[index] ?? '';
      if (!key.startsWith(prefix)) break;
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** The objects as they were at a revision; undefined where that is forgotten. */
  listAt(revision: number, namespace?: string): readonly ApiObject[] | undefined {
    const changes = this.history.since(revision);
    if (changes === undefined) return undefined;
    if (changes.length === 0) return this.list(namespace);
    const objects = new Map(this.#objects);
    for (const change of changes.toReversed()) {
      if (change.previous === undefined) objects.delete(change.key);
      else objects.set(change.key, change.previous);
    }
    const prefix = namespace === undefined || namespace === '' ? '' : `${namespace}/`;
    return [...objects.entries()]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  #put(key: string, object: ApiObject): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.#position(key), 0, key);
    this.#objects.set(key, object);
  }

  #remove(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#keys.splice(this.#position(key), 1);
  }

  /** Where the key is or would be. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

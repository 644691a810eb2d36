/** The objects that share one index value, with the list of them kept until something in it changes. */

export class Bucket<T> {
  readonly #objects = new Map<string, T>();
  #list: readonly T[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#list = undefined;
  }

  delete(key: string): void {
    this.#objects.delete(key);
    this.#list = undefined;
  }

  /** A list that never changes: the next change makes a new one. */
  list(): readonly T[] {
    this.#list ??= Object.freeze([...this.#objects.values()]);
    return this.#list;
  }
}

/** Buckets by value, kept in step with the objects of a store. */
export class BucketIndex<T> {
  readonly #valuesOf: (object: T) => readonly string[];
  readonly #buckets = new Map<string, Bucket<T>>();

  constructor(valuesOf: (object: T) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  /** Replaces what stood under `key`; either side may be undefined. */
  change(key: string, before: T | undefined, after: T | undefined): void {
    const values = after === undefined ? [] : this.#valuesOf(after);
    const left =
      before === undefined ? [] : this.#valuesOf(before).filter((value) => !values.includes(value));
    for (const value of left) this.#remove(value, key);
    if (after !== undefined) for (const value of values) this.#bucket(value).set(key, after);
  }

  list(value: string): readonly T[] {
    return this.#buckets.get(value)?.list() ?? [];
  }

  values(): readonly string[] {
    return [...this.#buckets.keys()];
  }

  #bucket(value: string): Bucket<T> {
    const known = this.#buckets.get(value);
    if (known !== undefined) return known;
    const made = new Bucket<T>();
    this.#buckets.set(value, made);
    return made;
  }

  #remove(value: string, key: string): void {
    const bucket = this.#buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets.delete(value);
  }
}

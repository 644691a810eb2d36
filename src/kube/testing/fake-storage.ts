/** The storage of the fake API server: objects by path, one version counter, a bounded history for watches. */
import { type KubeObject, keyOf, keyText } from '#apis/kubernetes/object.ts';

export interface StoredChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly collection: string;
  readonly object: KubeObject;
  readonly version: number;
}

export class FakeStorage {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(change: StoredChange) => void>();
  #history: StoredChange[] = [];
  #version = 100;
  #forgottenUpTo = 100;
  #uids = 0;

  get version(): number {
    return this.#version;
  }

  list(collection: string): readonly KubeObject[] {
    return [...(this.#objects.get(collection)?.values() ?? [])];
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.#objects.get(collection)?.get(key);
  }

  create(collection: string, object: KubeObject, nowMs: number): KubeObject {
    this.#uids += 1;
    const creationTimestamp = new Date(nowMs).toISOString().replace(/\.\d+/, '');
    const own = { uid: `uid-${String(this.#uids)}`, generation: 1, creationTimestamp };
    return this.#write('ADDED', collection, { ...object, metadata: { ...object.metadata, ...own } });
  }

  update(collection: string, object: KubeObject, generation: number): KubeObject {
    return this.#write('MODIFIED', collection, { ...object, metadata: { ...object.metadata, generation } });
  }

  delete(collection: string, object: KubeObject): KubeObject {
    return this.#write('DELETED', collection, object);
  }

  /** The changes of a collection after `version`; undefined where they are forgotten. */
  since(collection: string, version: number): readonly StoredChange[] | undefined {
    if (version < this.#forgottenUpTo) return undefined;
    return this.#history.filter((change) => change.collection === collection && change.version > version);
  }

  /** Forgets the history, as compaction does: watches from before get 410. */
  compact(): void {
    this.#forgottenUpTo = this.#version;
    this.#history = [];
  }

  /** Lets the version counter run ahead, as writes to other kinds do. */
  skip(versions: number): void {
    this.#version += versions;
  }

  onChange(listener: (change: StoredChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(type: StoredChange['type'], collection: string, object: KubeObject): KubeObject {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const written = { ...object, metadata };
    const objects = this.#objects.get(collection) ?? new Map<string, KubeObject>();
    this.#objects.set(collection, objects);
    const key = keyText(keyOf(written));
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, written);
    const change = { type, collection, object: written, version: this.#version };
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
    return written;
  }
}

/** The state that a WatchList delivers as a stream, collected until it is complete. */
import { type KubeObject, keyOf, keyText } from '#apis/kubernetes/object.ts';

export class InitialEvents<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  /** Set by the reader when the closing bookmark has come. */
  complete = false;

  add(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const key = keyText(keyOf(object));
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
  }

  objects(): readonly T[] {
    return [...this.#objects.values()];
  }
}

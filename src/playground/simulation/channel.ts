/** A hand-over of items from one task to another: pushed at any time, read as an async iterable, once. */

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Unbounded and in order. After `end` or `fail` the items already pushed are still delivered. */
export class Channel<T> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  #waiting: Waiting<T> | undefined;
  #closed = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #onReturn: () => void;

  /** `onReturn` is called where the reader stops early. */
  constructor(onReturn: () => void = () => undefined) {
    this.#onReturn = onReturn;
  }

  push(item: T): void {
    if (this.#closed) return;
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#items.push(item);
      return;
    }
    this.#waiting = undefined;
    waiting.resolve({ value: item, done: false });
  }

  /** The reader sees the end. */
  end(): void {
    this.#close(undefined);
  }

  /** The reader sees the error. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#items.length > 0) {
      const [value] = this.#items.splice(0, 1);
      return Promise.resolve({ value: value as T, done: false });
    }
    if (!this.#closed) {
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    }
    const failure = this.#failure;
    this.#failure = undefined;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passes on what was thrown
    if (failure !== undefined) return Promise.reject(failure.error);
    return Promise.resolve({ value: undefined, done: true });
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.end();
    this.#onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(failure: { readonly error: unknown } | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#failure = failure;
    else if (failure === undefined) waiting.resolve({ value: undefined, done: true });
    else waiting.reject(failure.error);
  }
}

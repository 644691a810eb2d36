/** An abort of one's own that also follows another signal, without leaving a listener on it for ever. */
import { abortReason } from '#platform/clock.ts';

export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => {
    this.#controller.abort(abortReason(this.#parent));
  };

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted === true) this.#follow();
    else parent?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Stops following. Always call it when the work is over. */
  release(): void {
    this.#parent?.removeEventListener('abort', this.#follow);
  }
}

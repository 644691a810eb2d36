/** An abort of one's own that also follows other signals, without leaving a listener on them for ever. */
import { abortReason } from '#platform/clock.ts';

export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #releases: (() => void)[] = [];

  constructor(...parents: readonly (AbortSignal | undefined)[]) {
    for (const parent of parents) if (parent !== undefined) this.#follow(parent);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Stops following. Always call it when the work is over. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }

  #follow(parent: AbortSignal): void {
    const onAbort = (): void => {
      this.#controller.abort(abortReason(parent));
    };
    if (parent.aborted) {
      onAbort();
      return;
    }
    parent.addEventListener('abort', onAbort, { once: true });
    this.#releases.push(() => {
      parent.removeEventListener('abort', onAbort);
    });
  }
}

/** Resolves when the signal is aborted. Only for signals that live as long as who waits. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => { resolve(); }, { once: true }); // prettier-ignore
  });
}

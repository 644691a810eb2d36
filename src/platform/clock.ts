/**
 * Time as a dependency. Everything that waits or reads the time takes a Clock, so that the simulator can run
 * days in seconds and a failing run can be replayed.
 */

/** A timer that has been started; `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Whole milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once after `ms`. */
  after(ms: number, callback: () => void): Timer;
}

/** The machine's clock. Its timers do not keep a finished process alive when `unref` is set. */
export class SystemClock implements Clock {
  readonly #unref: boolean;

  constructor(options: { readonly unref?: boolean } = {}) {
    this.#unref = options.unref ?? false;
  }

  now(): number {
    return Date.now();
  }

  after(ms: number, callback: () => void): Timer {
    const handle = setTimeout(callback, Math.min(ms, MAX_TIMEOUT_MS));
    if (this.#unref) handle.unref();
    return { cancel: () => { clearTimeout(handle); } }; // prettier-ignore
  }
}

/** setTimeout fires at once above this; nothing of ours waits 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Resolves after `ms`; rejects with the signal's reason where it is aborted first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(abortReason(signal));
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The reason of an aborted signal, always an Error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}

/** An RFC 3339 time without fraction, as Kubernetes writes it: `2026-11-21T10:30:00Z`. */
export function rfc3339(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** An RFC 3339 time with microseconds, as Leases and events carry it. */
export function rfc3339Micro(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
}

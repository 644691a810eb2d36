/**
 * Keeps us from flooding an API server: so many requests a second, after a burst. Requests that must wait stand in one
 * line per flow and the flows take turns, so that a thousand status patches do not keep a single list waiting.
 */
import { type Clock, type Timer, abortReason } from '#platform/clock.ts';

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

interface Waiter {
  readonly go: () => void;
}

export class RateLimiter {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #burst: number;
  /** Lines in the order in which they are served next. */
  readonly #lines = new Map<string, Set<Waiter>>();
  #tokens: number;
  #filledAtMs: number;
  #timer: Timer | undefined;

  constructor(limit: RateLimit, clock: Clock) {
    this.#clock = clock;
    this.#stepMs = 1000 / limit.perSecond;
    this.#burst = limit.burst;
    this.#tokens = limit.burst;
    this.#filledAtMs = clock.now();
  }

  /** Resolves when a request of `flow` may be sent. Rejects with the signal's reason where it is aborted first. */
  async acquire(flow: string, signal?: AbortSignal): Promise<void> {
    this.#fill();
    if (this.#lines.size === 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      return;
    }
    await this.#wait(flow, signal);
  }

  #wait(flow: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#leave(flow, waiter);
        reject(abortReason(signal));
      };
      const waiter: Waiter = {
        go: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      const line = this.#lines.get(flow) ?? new Set();
      line.add(waiter);
      this.#lines.set(flow, line);
      this.#arm();
    });
  }

  #leave(flow: string, waiter: Waiter): void {
    const line = this.#lines.get(flow);
    line?.delete(waiter);
    if (line?.size === 0) this.#lines.delete(flow);
  }

  #fill(): void {
    const nowMs = this.#clock.now();
    const grown = Math.max(0, nowMs - this.#filledAtMs) / this.#stepMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + grown);
    this.#filledAtMs = nowMs;
  }

  #arm(): void {
    this.#timer ??= this.#clock.after(Math.max(0, 1 - this.#tokens) * this.#stepMs, () => {
      this.#timer = undefined;
      this.#serve();
    });
  }

  #serve(): void {
    this.#fill();
    // A timer may fire a hair before its token is whole.
    while (this.#tokens > 1 - 1e-6 && this.#lines.size > 0) {
      this.#tokens -= 1;
      this.#serveOne();
    }
    if (this.#lines.size > 0) this.#arm();
  }

  /** Lets the first of the first line go; the line goes to the end. */
  #serveOne(): void {
    for (const [flow, line] of this.#lines) {
      this.#lines.delete(flow);
      for (const waiter of line) {
        line.delete(waiter);
        if (line.size > 0) this.#lines.set(flow, line);
        waiter.go();
        return;
      }
    }
  }
}

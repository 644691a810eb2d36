/**
 * One time of being the leader. It holds only as long as two witnesses agree: the wall clock, which notices that the
 * process was paused (a suspended machine, a long collection), and a timer, which notices that the wall clock was
 * set back. Both count from the moment the last successful renewal was sent, which is before anyone else can have
 * started to count.
 */
import type { Clock, Timer } from '#platform/clock.ts';

export class Term {
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  #validUntilMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborted when the term has ended, for whatever reason; it never begins again. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether the leader may act at this very moment. */
  get holds(): boolean {
    return !this.#lost.signal.aborted && this.#clock.now() < this.#validUntilMs;
  }

  /** The lease was taken or renewed by a call sent at `sentAtMs`; the term holds for `validMs` from then. */
  prolong(sentAtMs: number, validMs: number): void {
    if (this.#lost.signal.aborted) return;
    this.#validUntilMs = sentAtMs + validMs;
    this.#timer?.cancel();
    const leftMs = Math.min(validMs, this.#validUntilMs - this.#clock.now());
    this.#timer = this.#clock.after(Math.max(0, leftMs), () => {
      this.end('the lease could not be renewed in time');
    });
  }

  end(reason: string): void {
    this.#timer?.cancel();
    this.#lost.abort(new Error(`leadership has ended: ${reason}`));
  }
}

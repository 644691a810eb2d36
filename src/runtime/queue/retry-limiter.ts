/** When a failed key may be tried again: its own growing wait, and no more than so many retries a second in all. */
import { type BackoffPolicy, backoffMs } from '#kube/transport/backoff.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';

export interface RetryPolicy {
  /** The wait of one key after each failure in a row. */
  readonly perKey: BackoffPolicy;
  /** Retries per second over all keys, once `burst` is used up. */
  readonly perSecond: number;
  readonly burst: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  perKey: { initialMs: 100, maxMs: 300_000 },
  perSecond: 10,
  burst: 100,
};

export class RetryLimiter {
  readonly #policy: RetryPolicy;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failures = new Map<string, number>();
  /** The time at which the bucket would be full, had nothing been taken; a token lies at each step before it. */
  #bucketMs: number;

  constructor(policy: RetryPolicy, clock: Clock, random: Random) {
    this.#policy = policy;
    this.#clock = clock;
    this.#random = random;
    this.#bucketMs = clock.now();
  }

  /** Counts a failure of `key`; returns how long it waits. A free one takes nothing from what all keys share. */
  failed(key: string, free = false): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    const ownMs = backoffMs(this.#policy.perKey, failures, this.#random);
    return free ? ownMs : Math.max(ownMs, this.#takeToken());
  }

  /** How often `key` has failed in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  /** The generic cell rate algorithm: the wait until the bucket has a token for this call. */
  #takeToken(): number {
    const nowMs = this.#clock.now();
    const stepMs = 1000 / this.#policy.perSecond;
    this.#bucketMs = Math.max(this.#bucketMs, nowMs) + stepMs;
    return Math.max(0, this.#bucketMs - nowMs - this.#policy.burst * stepMs);
  }
}

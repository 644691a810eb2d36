/** How long to wait before trying again. */
import type { Random } from '#platform/random.ts';

export interface BackoffPolicy {
  /** The first wait. */
  readonly initialMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
  /** Each wait is this many times the one before; default 2. */
  readonly factor?: number;
  /** The share of a wait that chance may take away, 0–1; default 0.5. Keeps a fleet from retrying in step. */
  readonly jitter?: number;
}

/** The wait after `failures` failures in a row (1 for the first), in milliseconds. */
export function backoffMs(policy: BackoffPolicy, failures: number, random: Random): number {
  const { initialMs, maxMs, factor = 2, jitter = 0.5 } = policy;
  const full = Math.min(maxMs, initialMs * factor ** Math.max(0, failures - 1));
  return full * (1 - jitter * random.next());
}

/** Counts failures in a row and tells the wait that follows from them. */
export class Backoff {
  readonly #policy: BackoffPolicy;
  readonly #random: Random;
  #failures = 0;

  constructor(policy: BackoffPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts one more failure; returns the wait in milliseconds. */
  next(): number {
    this.#failures += 1;
    return backoffMs(this.#policy, this.#failures, this.#random);
  }

  /** Something worked. */
  reset(): void {
    this.#failures = 0;
  }
}

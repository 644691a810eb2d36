/** So many requests a second per caller, after a burst. Callers that have been quiet are forgotten. */
import type { Clock } from '#platform/clock.ts';

export interface BucketLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export interface BucketState {
  readonly granted: boolean;
  /** Whole requests left now. */
  readonly remaining: number;
  /** Seconds until the request would be granted; 0 where it was. */
  readonly retryAfterSeconds: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MAX_CALLERS = 10_000;

export class TokenBuckets {
  readonly #limit: BucketLimit;
  readonly #clock: Clock;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: BucketLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get limit(): BucketLimit {
    return this.#limit;
  }

  /** Takes `weight` requests of a caller, where it has them left; a weight above the burst counts as the burst. */
  take(caller: string, weight = 1): BucketState {
    const wanted = Math.min(weight, this.#limit.burst);
    const bucket = this.#bucketOf(caller);
    const state = this.#stateOf(bucket, wanted);
    if (state.granted) bucket.tokens -= wanted;
    return { ...state, remaining: Math.floor(bucket.tokens) };
  }

  /** Whether one request would be granted; takes nothing. */
  look(caller: string): BucketState {
    return this.#stateOf(this.#bucketOf(caller), 1);
  }

  #stateOf(bucket: Bucket, wanted: number): BucketState {
    const granted = bucket.tokens >= wanted;
    return {
      granted,
      remaining: Math.floor(bucket.tokens),
      retryAfterSeconds: granted ? 0 : Math.ceil((wanted - bucket.tokens) / this.#limit.perSecond),
    };
  }

  #bucketOf(caller: string): Bucket {
    const { burst, perSecond } = this.#limit;
    const nowMs = this.#clock.now();
    const known = this.#buckets.get(caller) ?? { tokens: burst, atMs: nowMs };
    const gained = (Math.max(0, nowMs - known.atMs) / 1000) * perSecond;
    const bucket = { tokens: Math.min(burst, known.tokens + gained), atMs: nowMs };
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    this.#forgetOldest();
    return bucket;
  }

  /** Who asked longest ago goes first: its bucket is the fullest. */
  #forgetOldest(): void {
    for (const caller of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_CALLERS) return;
      this.#buckets.delete(caller);
    }
  }
}

/**
 * Repeats calls that may be repeated:
 * - 429 and 503 with Retry-After: the server has refused to begin, so any call is sent again when it says;
 * - other server errors and broken connections: calls that do the same when done twice;
 * - connections that could not be made at all: any call.
 * Streams are never repeated (a watch knows better how to go on), and neither are evictions, where 429 is an answer.
 */
import { isKcError } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { type BackoffPolicy, backoffMs } from './backoff.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Transport, WireRequest, WireResponse } from './transport.ts';
import { UnreachableError } from './unreachable.ts';

/** Told of every attempt, for metrics. `status` is undefined where no answer came. */
export interface RequestObserver {
  requested(request: WireRequest, status: number | undefined, durationMs: number): void;
}

export interface RetryingOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Default 0.2 s to 10 s. */
  readonly backoff?: BackoffPolicy;
  /** How often a call is sent at most; default 6. */
  readonly attempts?: number;
  /** How long a call may take with all its repetitions; default one minute. */
  readonly budgetMs?: number;
  readonly limiter?: RateLimiter;
  readonly observer?: RequestObserver;
}

const BACKOFF: BackoffPolicy = { initialMs: 200, maxMs: 10_000 };
const ATTEMPTS = 6;
const BUDGET_MS = 60_000;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/** What came of one attempt. */
type Attempt = { readonly response: WireResponse } | { readonly error: unknown };

export class RetryingTransport implements Transport {
  readonly #inner: Transport;
  readonly #options: RetryingOptions;

  constructor(inner: Transport, options: RetryingOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const { clock, random, backoff = BACKOFF, attempts = ATTEMPTS, budgetMs = BUDGET_MS } = this.#options;
    const startedAtMs = clock.now();
    for (let count = 1; ; count += 1) {
      const attempt = await this.#attempt(request);
      const retry = repeatable(request, attempt);
      const waitMs = Math.max(backoffMs(backoff, count, random), askedMs(attempt));
      const late = clock.now() - startedAtMs + waitMs > budgetMs;
      if (!retry || count >= attempts || late) return settle(attempt);
      await sleep(clock, waitMs, request.signal);
    }
  }

  async #attempt(request: WireRequest): Promise<Attempt> {
    const { clock, limiter, observer } = this.#options;
    await limiter?.acquire(flowOf(request), request.signal);
    const startedAtMs = clock.now();
    try {
      const response = await this.#inner.send(request);
      observer?.requested(request, response.status, clock.now() - startedAtMs);
      return { response };
    } catch (error) {
      observer?.requested(request, undefined, clock.now() - startedAtMs);
      return { error };
    }
  }
}

function settle(attempt: Attempt): WireResponse {
  if ('response' in attempt) return attempt.response;
  throw attempt.error;
}

const COLLECTION = /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/[^/?]+/;

/** Collections are flows: `/apis/apps/v1/namespaces/shop/deployments`. */
function flowOf(request: WireRequest): string {
  return COLLECTION.exec(request.path)?.[0] ?? '';
}

function repeatable(request: WireRequest, attempt: Attempt): boolean {
  if (request.stream === true || request.signal?.aborted === true) return false;
  if ('error' in attempt) return repeatableError(request, attempt.error);
  if (/\/eviction(?:\?|$)/.test(request.path)) return false;
  const { status, headers } = attempt.response;
  if (isIdempotent(request)) return status === TOO_MANY_REQUESTS || status >= 500;
  return (status === TOO_MANY_REQUESTS || status === UNAVAILABLE) && 'retry-after' in headers;
}

function repeatableError(request: WireRequest, error: unknown): boolean {
  if (error instanceof UnreachableError && !error.sent) return true;
  return isKcError(error, 'KC_API_UNREACHABLE') && isIdempotent(request);
}

/** Doing it twice comes to the same: reads, replacements, deletions, server-side apply. */
function isIdempotent(request: WireRequest): boolean {
  if (request.method === 'POST') return false;
  return (
    request.method !== 'PATCH' ||
    request.headers['content-type']?.startsWith('application/apply-patch') === true
  );
}

function askedMs(attempt: Attempt): number {
  if ('error' in attempt) return 0;
  const seconds = Number(attempt.response.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

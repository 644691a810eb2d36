/**
 * Keeps a local copy equal to a collection of the API server: one consistent list, then watches that resume where
 * the last one ended, for as long as it runs.
 *
 * What it guarantees, given a server that keeps its own promises:
 * - The copy never goes back in time. Lists are consistent reads; one that is older than what was seen is refused
 *   (unless the server insists, as it does after its storage was restored from a backup).
 * - A 410, an event out of the past or a stream that keeps failing leads to a fresh list; a broken, closed or
 *   silent connection leads to a new watch from the last resource version.
 * - Events that a faulty middleman loses without a trace are made good by the next list (`relistEveryMs`).
 * - A failing server is asked ever more rarely, with jitter, and as late as its Retry-After says.
 */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { KcError, isKcError, messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { ApiError, isGone, isInvalid } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { type ResourceType, apiVersionOf, qualifiedName } from '../client/resource-type.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { compareResourceVersions } from '../store/resource-version.ts';
import { type Transform, dropManagedFields } from '../store/transform.ts';
import { Backoff, type BackoffPolicy } from '../transport/backoff.ts';
import { InitialEvents } from './initial-events.ts';
import { type WatchEvent, endsInitialEvents } from './watch-event.ts';
import { runWatch } from './watch-stream.ts';

/** The part of a collection that is copied. */
export interface Scope {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly type: ResourceType<T>;
  readonly scope?: Scope;
  /** What is kept of each object; default: all but managedFields. */
  readonly transform?: Transform<T>;
  /** After how long a list is taken afresh, at the next end of a stream; default one hour. */
  readonly relistEveryMs?: number;
  /** Ask for the first state as a stream (WatchList) where the server offers it; default true. */
  readonly watchList?: boolean;
  /** Told of every list and every end of a watch, for metrics. */
  readonly observer?: ReflectorObserver;
}

export interface ReflectorObserver {
  /** A complete state was taken over. */
  listed(type: ResourceType, objects: number): void;
  /** A watch ended; `error` is absent where the server closed it in order. */
  watchEnded(type: ResourceType, error?: unknown): void;
}

const BACKOFF: BackoffPolicy = { initialMs: 800, maxMs: 30_000 };
/** The server closes a watch after 5–10 minutes, spread by chance so that a fleet does not return at once. */
const MIN_WATCH_SECONDS = 300;
/** A server that sends bookmarks sends one about every minute. */
const SILENCE_WITH_BOOKMARKS_MS = 150_000;
const GRACE_MS = 30_000;
/** A server that ignores `sendInitialEvents` falls silent without saying that the initial events are over. */
const SILENCE_BEFORE_STATE_MS = 20_000;
/** A stream that lived this long counts as healthy whatever ended it. */
const HEALTHY_MS = 60_000;
/** After so many failed watches in a row the resource version itself is suspected. */
const FAILURES_BEFORE_RELIST = 5;
const REFUSALS_BEFORE_RESET = 5;
const DEFAULT_RELIST_MS = 3_600_000;

export class Reflector<T extends KubeObject = KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #backoff: Backoff;
  #hasState = false;
  #wantsList = true;
  #listedAtMs = 0;
  #olderLists = 0;
  #streamsState: boolean;
  #listsInstead = false;
  #bookmarksSeen = false;
  #lastError: unknown;

  constructor(options: ReflectorOptions<T>, store: ObjectStore<T>) {
    this.#options = options;
    this.#store = store;
    this.#streamsState = options.watchList ?? true;
    this.#backoff = new Backoff(BACKOFF, options.random);
  }

  /** True from the first complete state on. */
  get hasState(): boolean {
    return this.#hasState;
  }

  /** What keeps it from being up to date; undefined while all is well. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Runs until aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const startedAtMs = this.#options.clock.now();
      let waitMs: number;
      try {
        const events = await this.#cycle(signal);
        waitMs = this.#afterOrderlyEnd(events, startedAtMs);
      } catch (error) {
        if (isAborted(signal)) return;
        waitMs = this.#afterFailure(error, startedAtMs);
      }
      await sleep(this.#options.clock, waitMs, signal).catch(() => undefined);
      if (isAborted(signal)) return;
    }
  }

  /** What is kept of an object from the wire. Lists leave out the kind of built-in objects; here it is always there. */
  keep(object: T): T {
    const { type, transform = dropManagedFields } = this.#options;
    const nameless = object.kind === undefined;
    return transform(nameless ? { apiVersion: apiVersionOf(type), kind: type.kind, ...object } : object);
  }

  /** Gets the state where it is missing, and reads one watch to its end. Returns how many events it brought. */
  async #cycle(signal: AbortSignal): Promise<number> {
    const age = this.#options.clock.now() - this.#listedAtMs;
    if (age >= (this.#options.relistEveryMs ?? DEFAULT_RELIST_MS)) this.#wantsList = true;
    const streams = this.#streamsState && !this.#listsInstead;
    if (this.#wantsList && !streams) await this.#list(signal);
    return this.#watch(signal, this.#wantsList);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, scope } = this.#options;
    const list = await client.list(type, { ...scope, signal }, (object) => this.keep(object));
    this.#takeState(list.items, list.metadata.resourceVersion ?? '');
  }

  async #watch(signal: AbortSignal, initial: boolean): Promise<number> {
    const { client, clock, random, type, scope } = this.#options;
    const timeoutSeconds = Math.round(MIN_WATCH_SECONDS * (1 + random.next()));
    const resume = initial ? { sendInitialEvents: true } : { resourceVersion: this.#store.resourceVersion };
    const pending = initial ? new InitialEvents<T>() : undefined;
    let events = 0;
    await runWatch<T>({
      client,
      clock,
      type,
      options: { ...scope, ...resume, timeoutSeconds, signal },
      silenceLimitMs: () => this.#silenceLimitMs(timeoutSeconds, pending?.complete === false),
      onEvent: (event) => {
        events += 1;
        if (pending?.complete === false) this.#collect(pending, event);
        else this.#take(event);
      },
    });
    if (pending?.complete === false) throw unfinished(type);
    return events;
  }

  #collect(pending: InitialEvents<T>, event: WatchEvent<T>): void {
    if (endsInitialEvents(event)) {
      pending.complete = true;
      this.#bookmarksSeen = true;
      this.#takeState(pending.objects(), event.object.metadata?.resourceVersion ?? '');
    } else if (event.type !== 'BOOKMARK') {
      pending.add(event.type, this.keep(event.object));
    }
  }

  #take(event: WatchEvent<T>): void {
    this.#lastError = undefined;
    if (event.type === 'BOOKMARK') {
      this.#bookmarksSeen = true;
      this.#store.advance(event.object.metadata?.resourceVersion ?? '');
      return;
    }
    const verdict = this.#store.apply({ type: event.type, object: this.keep(event.object) });
    if (verdict === 'suspect') {
      this.#wantsList = true;
      throw new KcError('KC_WATCH_EXPIRED', { problem: 'the watch delivered an event out of the past' });
    }
  }

  #takeState(objects: readonly T[], resourceVersion: string): void {
    const isOlder = (compareResourceVersions(resourceVersion, this.#store.resourceVersion) ?? 0) < 0;
    this.#olderLists = isOlder ? this.#olderLists + 1 : 0;
    if (isOlder && this.#olderLists < REFUSALS_BEFORE_RESET) {
      const problem = `a list as of ${resourceVersion} is older than ${this.#store.resourceVersion}, seen before`;
      throw new KcError('KC_API_UNREACHABLE', { object: qualifiedName(this.#options.type), problem });
    }
    this.#store.replace(objects, resourceVersion, isOlder);
    this.#hasState = true;
    this.#wantsList = false;
    this.#listsInstead = false;
    this.#listedAtMs = this.#options.clock.now();
    this.#lastError = undefined;
    this.#options.observer?.listed(this.#options.type, objects.length);
  }

  #silenceLimitMs(timeoutSeconds: number, awaitingState: boolean): number {
    if (awaitingState) return SILENCE_BEFORE_STATE_MS;
    return this.#bookmarksSeen ? SILENCE_WITH_BOOKMARKS_MS : timeoutSeconds * 1000 + GRACE_MS;
  }

  #afterOrderlyEnd(events: number, startedAtMs: number): number {
    this.#options.observer?.watchEnded(this.#options.type);
    if (events === 0 && this.#options.clock.now() - startedAtMs < HEALTHY_MS) return this.#backoff.next();
    this.#backoff.reset();
    return 0;
  }

  #afterFailure(error: unknown, startedAtMs: number): number {
    const { clock, logger, observer, type } = this.#options;
    observer?.watchEnded(type, error);
    if (this.#wantsList && this.#streamsState && isInvalid(error)) {
      this.#streamsState = false;
      return 0;
    }
    this.#lastError = error;
    this.#listsInstead = this.#wantsList && !this.#listsInstead;
    if (clock.now() - startedAtMs >= HEALTHY_MS) this.#backoff.reset();
    const waitMs = Math.max(this.#backoff.next(), askedToWaitMs(error));
    if (isExpired(error) || this.#backoff.failures >= FAILURES_BEFORE_RELIST) this.#wantsList = true;
    logger.warn('watch failed', { resource: qualifiedName(type), error: messageOf(error), waitMs });
    return waitMs;
  }
}

/** A call, so that the compiler does not take an earlier answer for granted. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function isExpired(error: unknown): boolean {
  return isKcError(error, 'KC_WATCH_EXPIRED') || isGone(error);
}

function askedToWaitMs(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
}

function unfinished(type: ResourceType): KcError {
  const problem = 'the watch ended before it had delivered what exists';
  return new KcError('KC_API_UNREACHABLE', { object: qualifiedName(type), problem });
}

/**
 * Publishes events without ever holding up a reconcile: `record` only notes what happened; one worker writes it to the
 * API server. What cannot be written for long is dropped and counted, because an event is news, not state.
 */
import { messageOf } from '#errors/kc-error.ts';
import { isNotFound, isTransient } from '#kube/client/api-error.ts';
import { EVENTS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Backoff } from '#kube/transport/backoff.ts';
import { LinkedAbort } from '#kube/transport/linked-abort.ts';
import { type Clock, type Timer, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { RunSignals } from '../controller/controller-spec.ts';
import type { Runnable } from '../manager/runnable.ts';
import { EventCorrelator, remember } from './correlator.ts';
import {
  type EventSource,
  type PublishedEvent,
  type Tally,
  namespaceOf,
  newEvent,
  repetition,
} from './event-object.ts';
import type { Occurrence } from './event-types.ts';

/** What became of an occurrence. */
export type EventFate = 'published' | 'suppressed' | 'dropped';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly source: EventSource;
  /** Told what became of each event, for metrics. */
  readonly observer?: (fate: EventFate) => void;
}

/** More than this waits only when the API server has been away for long. */
const MAX_WAITING = 1000;
const ATTEMPTS = 8;
const BACKOFF = { initialMs: 500, maxMs: 10_000 };
/** How long the last events may take when the process ends. */
const FLUSH_MS = 3000;

export class EventRecorder implements Runnable {
  readonly name = 'event recorder';
  readonly start = 'at once';
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  /** What is to be written, by correlation key, in order. */
  readonly #waiting = new Map<string, Tally>();
  readonly #published = new Map<string, PublishedEvent>();
  #wake: (() => void) | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  /** Notes an event. Returns at once and never throws. */
  record(occurrence: Occurrence): void {
    const { observer } = this.#options;
    const correlation = this.#correlator.correlate(occurrence);
    if (correlation === undefined) {
      observer?.('suppressed');
      return;
    }
    const { key, message } = correlation;
    const standing = this.#waiting.get(key);
    if (standing === undefined && this.#waiting.size >= MAX_WAITING) {
      observer?.('dropped');
      return;
    }
    this.#waiting.set(key, { occurrence, message, count: (standing?.count ?? 0) + 1 });
    this.#wake?.();
  }

  /** Writes events until `stop`, then what is left, if that goes quickly. */
  async run(signals: RunSignals): Promise<void> {
    const { clock } = this.#options;
    const end = new LinkedAbort(signals.abort);
    let flush: Timer | undefined;
    const wake = (): void => this.#wake?.();
    const onStop = (): void => {
      flush = clock.after(FLUSH_MS, () => { end.abort(new Error('the time to flush is over')); }); // prettier-ignore
      wake();
    };
    signals.stop.addEventListener('abort', onStop, { once: true });
    end.signal.addEventListener('abort', wake, { once: true });
    while (!end.signal.aborted) {
      const [next] = this.#waiting;
      if (next !== undefined) await this.#publish(next, end.signal);
      else if (signals.stop.aborted) break;
      else await this.#woken();
    }
    flush?.cancel();
    end.release();
    signals.stop.removeEventListener('abort', onStop);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #publish([key, tally]: readonly [string, Tally], signal: AbortSignal): Promise<void> {
    const { clock, random, logger, observer } = this.#options;
    this.#waiting.delete(key);
    const backoff = new Backoff(BACKOFF, random);
    for (;;) {
      try {
        remember(this.#published, key, await this.#write(key, tally, signal));
        observer?.('published');
        return;
      } catch (error) {
        const waitMs = backoff.next();
        if (signal.aborted || !isTransient(error) || backoff.failures >= ATTEMPTS) {
          logger.debug('an event was dropped', { reason: tally.occurrence.reason, error: messageOf(error) });
          observer?.('dropped');
          return;
        }
        await sleep(clock, waitMs, signal).catch(() => undefined);
      }
    }
  }

  /** Raises the count of the event that exists, or makes a new one. */
  async #write(key: string, tally: Tally, signal: AbortSignal): Promise<PublishedEvent> {
    const { client, clock, random, source } = this.#options;
    const published = this.#published.get(key);
    if (published !== undefined) {
      const { namespace, name } = published;
      const body = repetition(published, tally, clock.now());
      try {
        await client.patch(EVENTS, { namespace, name }, { patch: 'merge', body, signal });
        return { ...published, count: published.count + tally.count };
      } catch (error) {
        // The API server forgets events after an hour.
        if (!isNotFound(error)) throw error;
      }
    }
    const suffix = Buffer.from(random.bytes(8)).toString('hex');
    const event = newEvent(tally, source, { nowMs: clock.now(), suffix });
    await client.create(EVENTS, event, { signal });
    return { namespace: namespaceOf(tally.occurrence), name: event.metadata.name ?? '', count: tally.count };
  }
}

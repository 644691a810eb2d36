/** Takes what the outbox holds to one sink, in order, for as long as the process lives. */
import { isKcError, messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Outbox, QueuedBatch, SinkBacklog } from './outbox/outbox.ts';
import type { Sink } from './sink.ts';

export interface DeliveryParts {
  readonly sink: Sink;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface DeliveryState extends SinkBacklog {
  readonly sink: string;
  readonly address: string;
  /** What keeps the sink from taking the oldest batch; undefined while it takes them. */
  readonly problem: string | undefined;
  readonly lastDeliveredAtMs: number | undefined;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export class Delivery {
  readonly #parts: DeliveryParts;
  #problem: string | undefined;
  #failures = 0;
  #lastDeliveredAtMs: number | undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  get state(): DeliveryState {
    const { sink, outbox } = this.#parts;
    return {
      sink: sink.name,
      address: sink.address,
      problem: this.#problem,
      lastDeliveredAtMs: this.#lastDeliveredAtMs,
      ...outbox.backlog(sink.name),
    };
  }

  /** Runs until aborted; what is not delivered by then stays in the outbox. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const pauseMs = await this.#turn(signal);
        if (pauseMs > 0) await sleep(this.#parts.clock, pauseMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#parts.sink.close();
    }
  }

  /** Delivers one batch, or waits for one. Returns how long to wait before the next attempt. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { outbox, sink } = this.#parts;
    try {
      const next = outbox.next(sink.name);
      await (next === undefined ? outbox.untilWoken(signal) : this.#deliver(next, signal));
      return 0;
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#troubled(error);
    }
  }

  async #deliver({ seq, batch }: QueuedBatch, signal: AbortSignal): Promise<void> {
    const { sink, outbox, clock } = this.#parts;
    try {
      await sink.write(batch, signal);
    } catch (error) {
      if (!isKcError(error, 'KC_SINK_REFUSED')) throw error;
      this.#refused(error);
      outbox.settle(sink.name, seq, 'rejected');
      return;
    }
    outbox.settle(sink.name, seq, 'delivered');
    this.#recovered();
    this.#lastDeliveredAtMs = clock.now();
  }

  #troubled(error: unknown): number {
    const problem = messageOf(error);
    const { sink, logger } = this.#parts;
    if (this.#failures === 0) {
      logger.warn('a sink does not take samples; they wait in the outbox', { sink: sink.name, problem });
    }
    this.#problem = problem;
    this.#failures += 1;
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
  }

  #refused(error: unknown): void {
    this.#parts.logger.error('a sink refuses a batch for good; it is passed over', {
      sink: this.#parts.sink.name,
      problem: messageOf(error),
    });
  }

  #recovered(): void {
    if (this.#failures > 0) {
      this.#parts.logger.info('a sink takes samples again', { sink: this.#parts.sink.name });
    }
    this.#failures = 0;
    this.#problem = undefined;
  }
}

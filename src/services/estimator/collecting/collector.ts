/**
 * Collects power at every multiple of the interval: reads, normalises, prices, keeps, and hands on to the sinks. Nothing of
 * it waits for a sink, and a collection that fails is counted and told; the next is tried as if nothing had been.
 */
import type { PowerHistory } from '#adapters/power-history/power-history.ts';
import type { Outbox } from '#adapters/sinks/outbox/outbox.ts';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Tariff } from '../tariff.ts';
import { batchOf } from './batch.ts';
import type { Readings } from './readings.ts';

export interface CollectorOptions {
  readonly readings: Readings;
  readonly history: PowerHistory;
  readonly outbox: Outbox;
  readonly tariff: Tariff;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** Told of every collection, for metrics. */
  readonly observe?: (result: CollectionResult) => void;
}

export interface CollectorState {
  readonly collecting: boolean;
  readonly intervalMs: number;
  readonly collections: number;
  readonly failures: number;
  /** Times at which the collection before was still running. */
  readonly missed: number;
  readonly lastAtMs: number | undefined;
  readonly problem: string | undefined;
}

export interface CollectionResult {
  readonly ok: boolean;
  readonly durationMs: number;
  readonly samples: number;
}

export class Collector {
  readonly #options: CollectorOptions;
  #collecting = true;
  #collections = 0;
  #failures = 0;
  #missed = 0;
  #lastAtMs: number | undefined;
  #problem: string | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  get state(): CollectorState {
    return {
      collecting: this.#collecting,
      intervalMs: this.#options.intervalMs,
      collections: this.#collections,
      failures: this.#failures,
      missed: this.#missed,
      lastAtMs: this.#lastAtMs,
      problem: this.#problem,
    };
  }

  /** False where it was collecting already. */
  start(): boolean {
    const changed = !this.#collecting;
    this.#collecting = true;
    return changed;
  }

  /** False where it was not collecting. What is under way ends. */
  stop(): boolean {
    const changed = this.#collecting;
    this.#collecting = false;
    return changed;
  }

  /** Runs until aborted. The times are multiples of the interval, the same in every replica. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs } = this.#options;
    let atMs = floorTo(intervalMs, clock.now());
    try {
      while (!signal.aborted) {
        if (this.#collecting) await this.collect(atMs);
        const nextMs = floorTo(intervalMs, clock.now()) + intervalMs;
        if (this.#collecting) this.#missed += Math.max(0, (nextMs - atMs) / intervalMs - 1);
        atMs = nextMs;
        await sleep(clock, atMs - clock.now(), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** One collection for a time. Never rejects. */
  async collect(atMs: number): Promise<void> {
    const { clock, logger, observe } = this.#options;
    const startMs = clock.now();
    try {
      const snapshot = await this.#options.readings.read(atMs);
      this.#keep({ ...snapshot, atMs });
      if (this.#problem !== undefined) logger.info('power is collected again');
      this.#problem = undefined;
      this.#lastAtMs = atMs;
      this.#collections += 1;
      const samples = snapshot.containers.length + snapshot.nodes.length + snapshot.devices.length;
      observe?.({ ok: true, durationMs: clock.now() - startMs, samples });
    } catch (error) {
      this.#failed(error);
      observe?.({ ok: false, durationMs: clock.now() - startMs, samples: 0 });
    }
  }

  #keep(snapshot: PowerSnapshot): void {
    const { history, outbox, tariff, intervalMs } = this.#options;
    const batch = batchOf(snapshot, tariff);
    const isNew = history.append(snapshot, intervalMs, () => {
      if (batch.samples.length > 0) outbox.put(batch);
    });
    if (isNew) outbox.wake();
  }

  #failed(error: unknown): void {
    const problem = messageOf(error);
    if (problem !== this.#problem) this.#options.logger.warn('power cannot be collected', { problem });
    this.#problem = problem;
    this.#failures += 1;
  }
}

function floorTo(stepMs: number, ms: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

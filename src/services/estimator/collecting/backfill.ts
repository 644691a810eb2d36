/** Fetches from the past of the source what this process did not see: after a restart, an hour is not half unknown. */
import { FINE_MS } from '#adapters/power-history/levels.ts';
import type { PowerHistory } from '#adapters/power-history/power-history.ts';
import type { PowerSource } from '#domain/power/power.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { normalise } from './normalise.ts';

export interface BackfillOptions {
  readonly source: PowerSource;
  readonly history: PowerHistory;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How far back to look; 0 switches it off. */
  readonly depthMs: number;
  /** False while nothing is to be collected, of the past neither. */
  readonly wanted: () => boolean;
}

/** The collector has had its say about what is older than this. */
const SETTLED_MS = 2 * FINE_MS;
const EVERY_MS = 10 * 60_000;
/** Between two questions, so that the source has others' questions answered too. */
const PAUSE_MS = 500;

export class Backfill {
  readonly #options: BackfillOptions;
  /** Hours that the source was asked for, answered or not had anything. */
  readonly #asked = new Set<number>();

  constructor(options: BackfillOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, depthMs } = this.#options;
    if (depthMs <= 0) return;
    try {
      while (!signal.aborted) {
        await this.#look(signal).catch((error: unknown) => {
          if (!signal.aborted) logger.warn('the past cannot be filled in', { problem: messageOf(error) });
        });
        await sleep(clock, EVERY_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    for (const hourMs of this.#options.wanted() ? this.#hours() : []) {
      await this.#fill(hourMs);
      this.#asked.add(hourMs);
      await sleep(this.#options.clock, PAUSE_MS, signal);
    }
  }

  /** Hours with steps that nobody looked at, newest first. */
  #hours(): readonly number[] {
    const { clock, history, depthMs } = this.#options;
    const endMs = Math.floor((clock.now() - SETTLED_MS) / FINE_MS) * FINE_MS;
    const startMs = Math.ceil((endMs - depthMs) / FINE_MS) * FINE_MS;
    const seen = new Set(history.observed(FINE_MS, startMs, endMs).map(({ fromMs }) => fromMs));
    const hours = new Set<number>();
    for (let atMs = endMs - FINE_MS; atMs >= startMs; atMs -= FINE_MS) {
      const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS;
      if (!seen.has(atMs) && !this.#asked.has(hourMs)) hours.add(hourMs);
    }
    return [...hours];
  }

  async #fill(hourMs: number): Promise<void> {
    const { source, history, clock, logger } = this.#options;
    const endMs = Math.floor((clock.now() - SETTLED_MS) / FINE_MS) * FINE_MS;
    const toMs = Math.min(hourMs + HOUR_MS, endMs);
    const snapshots = await source.history({ fromMs: hourMs, toMs, stepMs: FINE_MS });
    const filled = snapshots.filter((snapshot) => history.fill(normalise(snapshot), FINE_MS)).length;
    if (filled > 0)
      logger.info('filled in from the past of the source', {
        from: new Date(hourMs).toISOString(),
        steps: filled,
      });
  }
}

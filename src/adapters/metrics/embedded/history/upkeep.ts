/**
 * Moves finished hours from the head into blocks, drops what is past its time and keeps the file below its limit. Done
 * in slices after each poll, so that no poll takes long; each slice is one transaction and any crash is made good by
 * doing the slice again.
 */
import type { Logger } from '#platform/logger.ts';
import { writeSteps } from './downsampling.ts';
import type { HistoryTables } from './history-tables.ts';
import { DAY_MS, HOUR_MS, type Levels, blockStartMs } from './levels.ts';

export interface UpkeepOptions {
  readonly levels: Levels;
  /** The pages in use stay below this, by keeping less than the retention says where they must. */
  readonly maxBytes: number;
  readonly logger: Logger;
}

/** Container hours that one slice moves at least, which takes some tens of milliseconds. */
const MIN_SERIES_PER_SLICE = 100;
/** Polls that one slice drops from the head once they stand in blocks. */
const POLLS_PER_SLICE = 6;
/** A clock that jumps ahead by more than this may be wrong, and nothing is dropped until it has held for a day. */
const SUSPICIOUS_JUMP_MS = 7 * DAY_MS;
const MAX_PRESSURE = 8;
/** Pressure is taken back below this share of the limit, which is less than the half that one degree frees. */
const RELAX_SHARE = 0.4;
/** Free pages that are given back per hour (16 MiB). */
const SHRINK_PAGES = 4096;

export class Upkeep {
  readonly #tables: HistoryTables;
  readonly #options: UpkeepOptions;

  constructor(tables: HistoryTables, options: UpkeepOptions) {
    this.#tables = tables;
    this.#options = options;
  }

  /** The clock was set back to before what is sealed: the hour is open again. To be called inside a transaction. */
  reopen(endMs: number): void {
    const { progress } = this.#tables;
    if (endMs > (progress.get('sealed_until_ms') ?? Number.NEGATIVE_INFINITY)) return;
    const hourMs = blockStartMs(HOUR_MS, endMs);
    progress.set('sealed_until_ms', hourMs);
    progress.set('sealed_series', 0);
    progress.set('keep_all_until_ms', hourMs + DAY_MS);
  }

  /** One slice. Throws KC_STORE_… errors. */
  run(nowMs: number): void {
    const closed = this.#tables.database.transaction(() => {
      let [budget, hours] = [this.#seriesPerSlice(), 0];
      for (
        let hourMs = this.#nextHour(nowMs);
        hourMs !== undefined && budget > 0;
        hourMs = this.#nextHour(nowMs)
      ) {
        const sealed = this.#sealSome(hourMs, budget);
        if (sealed < budget) hours += 1;
        budget -= Math.max(1, sealed);
      }
      this.#tables.head.drop(this.#tables.progress.get('sealed_until_ms') ?? 0, POLLS_PER_SLICE);
      return hours;
    });
    if (closed > 0) this.#limitSize();
  }

  /** As many as move an hour within half an hour of polls. */
  #seriesPerSlice(): number {
    const pollsPerHour = HOUR_MS / this.#options.levels[0].stepMs;
    return Math.max(MIN_SERIES_PER_SLICE, Math.ceil((2 * this.#tables.series.count()) / pollsPerHour));
  }

  /** The start of the oldest hour that is over and not sealed. */
  #nextHour(nowMs: number): number | undefined {
    const { head, progress } = this.#tables;
    const sealedMs = progress.get('sealed_until_ms') ?? 0;
    const pollMs = head.firstPollAfter(sealedMs);
    if (pollMs === undefined) return undefined;
    const hourMs = blockStartMs(HOUR_MS, pollMs);
    if (hourMs + HOUR_MS + 2 * this.#options.levels[0].stepMs > nowMs) return undefined;
    if (hourMs > sealedMs) this.#startHour(hourMs, sealedMs);
    return hourMs;
  }

  #startHour(hourMs: number, sealedMs: number): void {
    const { progress } = this.#tables;
    progress.set('sealed_until_ms', hourMs);
    progress.set('sealed_series', 0);
    if (sealedMs > 0 && hourMs - sealedMs > SUSPICIOUS_JUMP_MS)
      progress.set('keep_all_until_ms', hourMs + DAY_MS);
  }

  /** Seals up to `limit` containers of the hour; returns how many. With the last one the hour is closed. */
  #sealSome(hourMs: number, limit: number): number {
    const { progress, series } = this.#tables;
    const ids = series.after(progress.get('sealed_series') ?? 0, limit);
    for (const id of ids) {
      this.#sealOne(id, hourMs);
      this.#dropOld(id, hourMs + HOUR_MS);
    }
    progress.set('sealed_series', ids.length < limit ? 0 : (ids.at(-1) ?? 0));
    if (ids.length < limit) progress.set('sealed_until_ms', hourMs + HOUR_MS);
    return ids.length;
  }

  #sealOne(id: number, hourMs: number): void {
    const { blocks, head } = this.#tables;
    const { levels } = this.#options;
    const [level] = levels;
    const grid = { startMs: hourMs, stepMs: level.stepMs, steps: HOUR_MS / level.stepMs };
    writeSteps({ blocks, levels }, id, { level, columns: head.columns(id, grid) });
  }

  #dropOld(id: number, nowMs: number): void {
    const { blocks, head, incidents, progress, series } = this.#tables;
    if (nowMs < (progress.get('keep_all_until_ms') ?? 0)) return;
    const share = 0.5 ** (progress.get('pressure') ?? 0);
    const { levels } = this.#options;
    for (const level of levels) {
      // Twice the span always stays: one block is being filled, the one before is what queries of its length need.
      blocks.dropBefore(id, level, nowMs - Math.max(level.retentionMs * share, 2 * level.spanMs));
    }
    incidents.dropBefore(id, nowMs - levels[2].retentionMs);
    if (!blocks.hasAny(id) && !incidents.hasAny(id) && !head.hasAny(id)) series.remove(id);
  }

  #limitSize(): void {
    const { database, progress } = this.#tables;
    const { maxBytes, logger } = this.#options;
    const bytes = database.sizeBytes();
    const pressure = progress.get('pressure') ?? 0;
    const wanted = wantedPressure(bytes / maxBytes, pressure);
    if (wanted !== pressure) {
      database.transaction(() => {
        progress.set('pressure', wanted);
      });
      logger.warn('the usage history keeps another length of time', {
        bytes,
        maxBytes,
        keptShare: 0.5 ** wanted,
      });
    }
    database.shrink(SHRINK_PAGES);
  }
}

function wantedPressure(used: number, pressure: number): number {
  if (used > 1) return Math.min(MAX_PRESSURE, pressure + 1);
  return used < RELAX_SHARE ? Math.max(0, pressure - 1) : pressure;
}

/** Reads and writes the blocks of a container's history, level by level. */
import type { StatementSync } from 'node:sqlite';
import { failure } from '../../../sqlite/failures.ts';
import type { Database } from '../../../sqlite/database.ts';
import { decodeBlock, encodeBlock } from './block-codec.ts';
import { type Level, blockStartMs } from './levels.ts';
import { type StepColumns, isKnown, overlay, unknownColumns } from './step-columns.ts';
import { stepEndMs } from '#domain/usage/series.ts';

/** 24 bits for the time in spans since the epoch, above them 2 for the level, above them the series. */
const PER_LEVEL = 2 ** 24;
const PER_SERIES = 4 * PER_LEVEL;

function blockKey(series: number, level: Level, startMs: number): number {
  return series * PER_SERIES + level.number * PER_LEVEL + startMs / level.spanMs;
}

export class BlockStore {
  readonly #object: string;
  readonly #range: StatementSync;
  readonly #one: StatementSync;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;
  readonly #any: StatementSync;

  constructor(database: Database) {
    this.#object = `usage history ${database.path}`;
    this.#range = database.prepare('SELECT key, data FROM block WHERE key BETWEEN ? AND ?');
    this.#one = database.prepare('SELECT data FROM block WHERE key = ?');
    this.#put = database.prepare(
      'INSERT INTO block (key, data) VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data',
    );
    this.#drop = database.prepare('DELETE FROM block WHERE key BETWEEN ? AND ?');
    this.#any = database.prepare('SELECT 1 FROM block WHERE key BETWEEN ? AND ? LIMIT 1');
  }

  /** What is stored of the steps that end in (fromMs, toMs], on the level's own grid. */
  read(series: number, level: Level, range: { readonly fromMs: number; readonly toMs: number }): StepColumns {
    const startMs = Math.floor(range.fromMs / level.stepMs) * level.stepMs;
    const steps = Math.max(0, Math.ceil((range.toMs - startMs) / level.stepMs));
    const columns = unknownColumns({ startMs, stepMs: level.stepMs, steps });
    if (steps === 0) return columns;
    const first = blockKey(series, level, blockStartMs(level.spanMs, startMs + 1));
    const last = blockKey(series, level, blockStartMs(level.spanMs, range.toMs));
    for (const row of this.#range.iterate(first, last)) {
      const blockMs = (Number(row['key']) % PER_LEVEL) * level.spanMs;
      overlay(columns, this.#decode(row['data'], blockMs), 'replace');
    }
    return columns;
  }

  /** Writes the known steps over what is stored. `fullWeight`: the samples of one pod in a step without a gap. */
  write(
    series: number,
    level: Level,
    write: { readonly columns: StepColumns; readonly fullWeight: number },
  ): void {
    for (const startMs of touchedBlocks(write.columns, level.spanMs)) {
      const key = blockKey(series, level, startMs);
      const stored = this.#one.get(key);
      const block =
        stored === undefined
          ? unknownColumns({ startMs, stepMs: level.stepMs, steps: level.spanMs / level.stepMs })
          : this.#decode(stored['data'], startMs);
      overlay(block, write.columns, 'replace');
      this.#put.run(key, encodeBlock(block, write));
    }
  }

  /** Drops the blocks that end before a time. */
  dropBefore(series: number, level: Level, beforeMs: number): void {
    const keep = Math.max(0, Math.floor(beforeMs / level.spanMs) * level.spanMs);
    if (keep > 0) this.#drop.run(blockKey(series, level, 0), blockKey(series, level, keep) - 1);
  }

  hasAny(series: number): boolean {
    return this.#any.get(series * PER_SERIES, (series + 1) * PER_SERIES - 1) !== undefined;
  }

  #decode(data: unknown, startMs: number): StepColumns {
    try {
      if (data instanceof Uint8Array) return decodeBlock(data, startMs);
      throw new RangeError('a block is not a byte string');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw failure('KC_STORE_CORRUPT', this.#object, { problem: error.message, cause: error });
    }
  }
}

function touchedBlocks(columns: StepColumns, spanMs: number): readonly number[] {
  const starts = new Set<number>();
  for (let step = 0; step < columns.grid.steps; step += 1) {
    if (isKnown(columns, step)) starts.add(blockStartMs(spanMs, stepEndMs(columns.grid, step)));
  }
  return [...starts].sort((a, b) => a - b);
}

/** The newest steps, as polls bring them, until a whole hour of them moves into blocks. */
import type { StatementSync } from 'node:sqlite';
import type { Grid } from '#domain/usage/series.ts';
import { stepAt } from '#domain/usage/series.ts';
import type { Database } from '../../../sqlite/database.ts';
import { CPU_UNIT_CORES, MEMORY_UNIT_BYTES, fromUnits } from './block-codec.ts';
import { type StepColumns, isKnown, unknownColumns } from './step-columns.ts';

/** What one poll saw of one container name of a workload, over its pods; NaN is unknown. */
export interface HeadRow {
  readonly cpuMaxCores: number;
  readonly cpuMeanCores: number;
  readonly memoryMaxBytes: number;
  readonly memoryMeanBytes: number;
  readonly pods: number;
}

export class HeadStore {
  readonly #addPoll: StatementSync;
  readonly #addRow: StatementSync;
  readonly #rows: StatementSync;
  readonly #firstPoll: StatementSync;
  readonly #oldPolls: StatementSync;
  readonly #dropPoll: StatementSync;
  readonly #dropRows: StatementSync;
  readonly #any: StatementSync;

  constructor(database: Database) {
    this.#addPoll = database.prepare('INSERT INTO poll (end_ms) VALUES (?) ON CONFLICT DO NOTHING');
    this.#addRow = database.prepare('INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#rows = database.prepare(
      'SELECT head.* FROM poll CROSS JOIN head ON head.end_ms = poll.end_ms AND head.series = ? ' +
        'WHERE poll.end_ms > ? AND poll.end_ms <= ? ORDER BY poll.end_ms',
    );
    this.#firstPoll = database.prepare('SELECT min(end_ms) AS end_ms FROM poll WHERE end_ms > ?');
    this.#oldPolls = database.prepare('SELECT end_ms FROM poll WHERE end_ms <= ? ORDER BY end_ms LIMIT ?');
    this.#dropPoll = database.prepare('DELETE FROM poll WHERE end_ms = ?');
    this.#dropRows = database.prepare('DELETE FROM head WHERE end_ms = ?');
    this.#any = database.prepare(
      'SELECT 1 FROM poll CROSS JOIN head ON head.end_ms = poll.end_ms AND head.series = ? LIMIT 1',
    );
  }

  /** Notes that the step that ends at `endMs` was looked at. A second look at the same step replaces the first. */
  addPoll(endMs: number): void {
    this.#addPoll.run(endMs);
    this.#dropRows.run(endMs);
  }

  addRow(endMs: number, series: number, row: HeadRow): void {
    this.#addRow.run(
      endMs,
      series,
      units(row.cpuMaxCores, CPU_UNIT_CORES),
      units(row.cpuMeanCores, CPU_UNIT_CORES),
      units(row.memoryMaxBytes, MEMORY_UNIT_BYTES),
      units(row.memoryMeanBytes, MEMORY_UNIT_BYTES),
      row.pods,
    );
  }

  /** The steps of one container on a grid. */
  columns(series: number, grid: Grid): StepColumns {
    const columns = unknownColumns(grid);
    const toMs = grid.startMs + grid.steps * grid.stepMs;
    for (const row of this.#rows.iterate(series, grid.startMs, toMs)) {
      const step = stepAt(grid, Number(row['end_ms']));
      // The raw step may have been changed to a longer one: of two rows for one step the first stays.
      if (step === undefined || isKnown(columns, step)) continue;
      columns.cpuMax[step] = value(row['cpu_max'], CPU_UNIT_CORES);
      columns.cpuMean[step] = value(row['cpu_mean'], CPU_UNIT_CORES);
      columns.memoryMax[step] = value(row['memory_max'], MEMORY_UNIT_BYTES);
      columns.memoryMean[step] = value(row['memory_mean'], MEMORY_UNIT_BYTES);
      columns.pods[step] = Number(row['pods']);
      columns.weight[step] = Number(row['pods']);
    }
    return columns;
  }

  /** The first step that was looked at after a time. */
  firstPollAfter(ms: number): number | undefined {
    const endMs = this.#firstPoll.get(ms)?.['end_ms'];
    return endMs === null || endMs === undefined ? undefined : Number(endMs);
  }

  hasAny(series: number): boolean {
    return this.#any.get(series) !== undefined;
  }

  /** Drops the rows of up to `limit` steps that end by `untilMs`, oldest first. */
  drop(untilMs: number, limit: number): void {
    for (const row of this.#oldPolls.all(untilMs, limit)) {
      this.#dropRows.run(Number(row['end_ms']));
      this.#dropPoll.run(Number(row['end_ms']));
    }
  }
}

function units(amount: number, unit: number): number | null {
  return Number.isFinite(amount) ? Math.round(amount / unit) : null;
}

function value(stored: unknown, unit: number): number {
  return stored === null || stored === undefined ? Number.NaN : fromUnits(Number(stored), unit);
}

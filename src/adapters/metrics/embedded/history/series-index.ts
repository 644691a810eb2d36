/** Which containers of which workloads have history, and the number under which each is stored. */
import type { StatementSync } from 'node:sqlite';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import type { Database } from '../../../sqlite/database.ts';

/** One container name of one workload. */
export interface SeriesName {
  readonly workload: WorkloadRef;
  readonly container: string;
}

export interface SeriesEntry {
  readonly id: number;
  readonly container: string;
}

/** A stable key for maps. */
export function seriesKey({ workload, container }: SeriesName): string {
  return `${workloadKey(workload)}/${container}`;
}

export class SeriesIndex {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #ofWorkload: StatementSync;
  readonly #after: StatementSync;
  readonly #remove: StatementSync;
  readonly #count: StatementSync;
  readonly #ids = new Map<string, number>();

  constructor(database: Database) {
    this.#find = database.prepare(
      'SELECT id FROM series WHERE namespace = ? AND name = ? AND kind = ? AND container = ?',
    );
    this.#insert = database.prepare(
      'INSERT INTO series (namespace, name, kind, container) VALUES (?, ?, ?, ?) RETURNING id',
    );
    this.#ofWorkload = database.prepare(
      'SELECT id, container FROM series WHERE namespace = ? AND name = ? AND kind = ? ORDER BY container',
    );
    this.#after = database.prepare('SELECT id FROM series WHERE id > ? ORDER BY id LIMIT ?');
    this.#count = database.prepare('SELECT count(*) AS series FROM series');
    this.#remove = database.prepare('DELETE FROM series WHERE id = ?');
  }

  /** The number of a container, new where there is none. To be called in a transaction; see `forget`. */
  idOf(series: SeriesName): number {
    const key = seriesKey(series);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const { namespace, name, kind } = series.workload;
    const values = [namespace, name, kind, series.container] as const;
    const id = Number((this.#find.get(...values) ?? this.#insert.get(...values))?.['id']);
    this.#ids.set(key, id);
    return id;
  }

  containersOf({ namespace, name, kind }: WorkloadRef): readonly SeriesEntry[] {
    return this.#ofWorkload.all(namespace, name, kind).map((row) => ({
      id: Number(row['id']),
      container: String(row['container']),
    }));
  }

  /** The next numbers in order. */
  after(id: number, limit: number): readonly number[] {
    return this.#after.all(id, limit).map((row) => Number(row['id']));
  }

  count(): number {
    return Number(this.#count.get()?.['series']);
  }

  remove(id: number): void {
    this.#remove.run(id);
    this.forget();
  }

  /** Forgets what is remembered. Always call it when a transaction that used `idOf` was rolled back. */
  forget(): void {
    this.#ids.clear();
  }
}

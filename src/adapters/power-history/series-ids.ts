/** Containers and nodes as numbers, so that a row of energy is small. */
import type { StatementSync } from 'node:sqlite';
import type { Database } from '#adapters/sqlite/database.ts';

export interface SeriesName {
  readonly kind: 'container' | 'node';
  /** Empty for nodes, like pod and container. */
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Empty where it is not known. */
  readonly node: string;
}

export class SeriesIds {
  readonly #database: Database;
  readonly #find: StatementSync;
  readonly #make: StatementSync;
  readonly #known = new Map<string, number>();

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare(
      'SELECT id FROM series WHERE kind = ? AND namespace = ? AND pod = ? AND container = ? AND node = ?',
    );
    this.#make = database.prepare(
      'INSERT INTO series (kind, namespace, pod, container, node) VALUES (?, ?, ?, ?, ?)',
    );
  }

  idOf({ kind, namespace, pod, container, node }: SeriesName): number {
    const key = [kind, namespace, pod, container, node].join('/');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const columns = [kind, namespace, pod, container, node] as const;
    const found = this.#find.get(...columns)?.['id'];
    const id = Number(found ?? this.#make.run(...columns).lastInsertRowid);
    this.#known.set(key, id);
    return id;
  }

  /** Forgets names that no energy is kept of any more. */
  forgetUnused(): void {
    this.#database.prepare('DELETE FROM series WHERE id NOT IN (SELECT series FROM energy)').run();
    this.#known.clear();
  }

  /** After a transaction that was taken back, what was made in it is not there. */
  distrust(): void {
    this.#known.clear();
  }
}

/** How far the upkeep of the history has come; survives a restart. */
import type { StatementSync } from 'node:sqlite';
import type { Database } from '../../../sqlite/database.ts';

export type ProgressName =
  /** The step of the head, in milliseconds. */
  | 'raw_step_ms'
  /** Everything up to here stands in blocks. */
  | 'sealed_until_ms'
  /** The last series that was sealed of the hour after `sealed_until_ms`. */
  | 'sealed_series'
  /** Nothing is dropped before this time. */
  | 'keep_all_until_ms'
  /** How often the retention has been halved to stay below the size limit. */
  | 'pressure'
  /** When the pods were last seen. */
  | 'pods_seen_ms';

export class Progress {
  readonly #get: StatementSync;
  readonly #set: StatementSync;

  constructor(database: Database) {
    this.#get = database.prepare('SELECT value FROM progress WHERE name = ?');
    this.#set = database.prepare(
      'INSERT INTO progress (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
  }

  get(name: ProgressName): number | undefined {
    const row = this.#get.get(name);
    return row === undefined ? undefined : Number(row['value']);
  }

  set(name: ProgressName, value: number): void {
    this.#set.run(name, value);
  }
}

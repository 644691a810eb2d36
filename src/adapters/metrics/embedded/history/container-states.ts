/** The restart count that was last seen of each live container, so that a restart of ours counts none twice. */
import type { StatementSync } from 'node:sqlite';
import type { Database } from '../../../sqlite/database.ts';

export interface ContainerState {
  readonly uid: string;
  readonly container: string;
  readonly restarts: number;
}

export class ContainerStates {
  readonly #all: StatementSync;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: Database) {
    this.#all = database.prepare('SELECT uid, container, restarts FROM container_state');
    this.#put = database.prepare(
      'INSERT INTO container_state VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET restarts = excluded.restarts',
    );
    this.#drop = database.prepare('DELETE FROM container_state WHERE uid = ?');
  }

  all(): readonly ContainerState[] {
    return this.#all.all().map((row) => ({
      uid: String(row['uid']),
      container: String(row['container']),
      restarts: Number(row['restarts']),
    }));
  }

  put(state: ContainerState): void {
    this.#put.run(state.uid, state.container, state.restarts);
  }

  /** The pod is gone for good: no other ever has its uid. */
  drop(uid: string): void {
    this.#drop.run(uid);
  }
}

/** The second copy of rollback entries, sealed like the first, in the operator's own state file. */
import { readDocument, writeDocument } from '#adapters/rollback-store/entry-document.ts';
import type { Sealer } from '#adapters/rollback-store/sealer.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';

export class SqliteRollbackStore implements RollbackStore {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    const row = this.#database
      .prepare('SELECT sealed FROM rollback_entry WHERE workload = ? AND owner_uid = ?')
      .get(workloadKey(target), ownerUid);
    if (row === undefined) return Promise.resolve(undefined);
    const place = placeOf(target, ownerUid);
    const entries = readDocument(this.#sealer.open(String(row['sealed']), place), place);
    return Promise.resolve(entries[ownerUid]);
  }

  save(entry: RollbackEntry): Promise<void> {
    const { target, owner } = entry;
    const sealed = this.#sealer.seal(writeDocument({ [owner.uid]: entry }), placeOf(target, owner.uid));
    this.#database
      .prepare('INSERT OR REPLACE INTO rollback_entry (workload, owner_uid, sealed) VALUES (?, ?, ?)')
      .run(workloadKey(target), owner.uid, sealed);
    return Promise.resolve();
  }

  remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    this.#database
      .prepare('DELETE FROM rollback_entry WHERE workload = ? AND owner_uid = ?')
      .run(workloadKey(target), ownerUid);
    return Promise.resolve();
  }
}

function placeOf(target: WorkloadRef, ownerUid: string): string {
  return `${workloadKey(target)}/${ownerUid}`;
}

/** The second copy of rollback entries, sealed like the first, in the operator's own state file. */
import { readDocument, writeDocument } from '#adapters/rollback-store/entry-document.ts';
import type { EntryKey } from '#adapters/rollback-store/backup/debts.ts';
import type { Sealer } from '#adapters/rollback-store/sealer.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { isKcError } from '#errors/kc-error.ts';
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
    const sealed = String(row['sealed']);
    const entry = readDocument(this.#sealer.open(sealed, place), place)[ownerUid];
    if (entry !== undefined && !this.#sealer.isCurrent(sealed)) this.#write(entry);
    return Promise.resolve(entry);
  }

  /** Moves everything to the current key; what cannot be opened stays as it is. Returns how many entries were moved. */
  sealAnew(): number {
    const rows = this.#database.prepare('SELECT workload, owner_uid, sealed FROM rollback_entry').all();
    const outdated = rows.filter((row) => !this.#sealer.isCurrent(String(row['sealed'])));
    return outdated.filter((row) => this.#sealOne(row)).length;
  }

  #sealOne(row: Readonly<Record<string, unknown>>): boolean {
    const ownerUid = String(row['owner_uid']);
    const place = placeOf(parseWorkloadKey(String(row['workload'])), ownerUid);
    try {
      const entry = readDocument(this.#sealer.open(String(row['sealed']), place), place)[ownerUid];
      if (entry !== undefined) this.#write(entry);
      return entry !== undefined;
    } catch (error) {
      if (isKcError(error, 'KC_ROLLBACK_STATE_UNREADABLE')) return false;
      throw error;
    }
  }

  /** The workloads and owners that have an entry here, whether or not it can be read. */
  list(): readonly EntryKey[] {
    const rows = this.#database.prepare('SELECT workload, owner_uid FROM rollback_entry').all();
    return rows.map((row) => ({
      target: parseWorkloadKey(String(row['workload'])),
      ownerUid: String(row['owner_uid']),
    }));
  }

  save(entry: RollbackEntry): Promise<void> {
    this.#write(entry);
    return Promise.resolve();
  }

  #write(entry: RollbackEntry): void {
    const { target, owner } = entry;
    const sealed = this.#sealer.seal(writeDocument({ [owner.uid]: entry }), placeOf(target, owner.uid));
    this.#database
      .prepare('INSERT OR REPLACE INTO rollback_entry (workload, owner_uid, sealed) VALUES (?, ?, ?)')
      .run(workloadKey(target), owner.uid, sealed);
  }

  remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    this.#database
      .prepare('DELETE FROM rollback_entry WHERE workload = ? AND owner_uid = ?')
      .run(workloadKey(target), ownerUid);
    return Promise.resolve();
  }
}

/** The inverse of `workloadKey`. */
function parseWorkloadKey(key: string): WorkloadRef {
  const [kind = '', namespace = '', name = ''] = key.split('/');
  return { kind: kind as WorkloadRef['kind'], namespace, name };
}

function placeOf(target: WorkloadRef, ownerUid: string): string {
  return `${workloadKey(target)}/${ownerUid}`;
}

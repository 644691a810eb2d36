/** What the backup store is owed, in the operator's own state file: a restart forgets none of it. */
import type { Debts, EntryKey } from '#adapters/rollback-store/backup/debts.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

export class SqliteDebts implements Debts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  owe(key: EntryKey): void {
    const sql = 'INSERT OR IGNORE INTO backup_debt (kind, namespace, name, owner_uid) VALUES (?, ?, ?, ?)';
    this.#database.prepare(sql).run(...columns(key));
  }

  settle(key: EntryKey): void {
    this.#database.prepare(`DELETE FROM backup_debt WHERE ${IS}`).run(...columns(key));
  }

  isOwed(key: EntryKey): boolean {
    return this.#database.prepare(`SELECT 1 FROM backup_debt WHERE ${IS}`).get(...columns(key)) !== undefined;
  }

  list(): readonly EntryKey[] {
    const rows = this.#database.prepare('SELECT kind, namespace, name, owner_uid FROM backup_debt').all();
    return rows.map((row) => ({
      target: {
        kind: String(row['kind']) as WorkloadRef['kind'],
        namespace: String(row['namespace']),
        name: String(row['name']),
      },
      ownerUid: String(row['owner_uid']),
    }));
  }
}

const IS = 'kind = ? AND namespace = ? AND name = ? AND owner_uid = ?';

function columns({ target, ownerUid }: EntryKey): [string, string, string, string] {
  return [target.kind, target.namespace, target.name, ownerUid];
}

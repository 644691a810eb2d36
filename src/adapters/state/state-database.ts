/** The operator's own durable state: the savings ledger and the second copy of rollback entries, in one file. */
import { existsSync, renameSync } from 'node:fs';
import { isKcError } from '#errors/kc-error.ts';
import { Database } from '#adapters/sqlite/database.ts';
import type { Schema } from '#adapters/sqlite/schema.ts';

const SCHEMA: Schema = {
  name: 'KCloud state',
  applicationId: 0x4b43_5354,
  migrations: [
    `
    CREATE TABLE ledger_account (
      owner_uid TEXT PRIMARY KEY,
      since_ms INTEGER NOT NULL,
      rate TEXT
    ) STRICT;
    CREATE TABLE ledger_row (
      key TEXT PRIMARY KEY,
      owner_uid TEXT NOT NULL,
      owner_namespace TEXT NOT NULL,
      owner_name TEXT NOT NULL,
      workload TEXT NOT NULL,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL,
      baseline_usd REAL NOT NULL,
      actual_usd REAL NOT NULL,
      saved_usd REAL NOT NULL,
      price_source TEXT NOT NULL
    ) STRICT;
    CREATE INDEX ledger_row_owner ON ledger_row (owner_uid);
    CREATE INDEX ledger_row_end ON ledger_row (to_ms);
    CREATE TABLE rollback_entry (
      workload TEXT NOT NULL,
      owner_uid TEXT NOT NULL,
      sealed TEXT NOT NULL,
      PRIMARY KEY (workload, owner_uid)
    ) STRICT;
    `,
    `
    CREATE TABLE backup_debt (
      kind TEXT NOT NULL,
      namespace TEXT NOT NULL,
      name TEXT NOT NULL,
      owner_uid TEXT NOT NULL,
      PRIMARY KEY (kind, namespace, name, owner_uid)
    ) STRICT;
    `,
  ],
};

/**
 * Opens the file (made where it does not exist); every transaction is on the disk when it returns. A damaged file is
 * moved aside and a new one begun: it holds the second copy of what the cluster has, and books; an operator that does
 * not start would undo nothing at all. Nothing is deleted.
 */
export function openStateDatabase(path: string, onDamage: OnDamage = warn): Database {
  try {
    return open(path);
  } catch (error) {
    if (!isKcError(error, 'KC_STORE_CORRUPT')) throw error;
    const aside = moveAside(path);
    onDamage(`${error.message}; it was moved to ${aside}, and a new one begun`);
    return open(path);
  }
}

export type OnDamage = (message: string) => void;

function warn(message: string): void {
  process.emitWarning(message, { code: 'KC_STORE_CORRUPT' });
}

function open(path: string): Database {
  return Database.open({ path, schema: SCHEMA, durable: true });
}

/** With its log, which belongs to it alone. */
function moveAside(path: string): string {
  const taken = (name: string): boolean => existsSync(name);
  let aside = `${path}.damaged`;
  for (let count = 2; taken(aside); count += 1) aside = `${path}.damaged-${String(count)}`;
  for (const suffix of ['', '-wal', '-shm'] as const) {
    if (taken(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/** Opens it for reports while the operator may be writing. */
export function readStateDatabase(path: string): Database {
  return Database.open({ path, schema: SCHEMA, readOnly: true });
}

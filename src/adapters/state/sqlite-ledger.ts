/** The savings ledger in SQLite. Rows are never changed once booked. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '#adapters/sqlite/database.ts';
import type { LedgerRow, SavingsRate } from '#domain/ledger/ledger.ts';
import type { LedgerOwner, LedgerState, LedgerStore, OwnedLedgerRow } from '#domain/ledger/ledger-store.ts';

const Rate = Type.Object({
  atMs: Type.Number(),
  baselineUsdPerHour: Type.Number(),
  actualUsdPerHour: Type.Number(),
  priceSource: Type.String(),
});

const Account = Type.Object({ since_ms: Type.Number(), rate: Type.Union([Type.String(), Type.Null()]) });
const Sum = Type.Object({ saved_usd: Type.Number() });
const Row = Type.Object({
  key: Type.String(),
  owner_uid: Type.String(),
  owner_namespace: Type.String(),
  owner_name: Type.String(),
  workload: Type.String(),
  from_ms: Type.Number(),
  to_ms: Type.Number(),
  baseline_usd: Type.Number(),
  actual_usd: Type.Number(),
  saved_usd: Type.Number(),
  price_source: Type.String(),
});

export class SqliteLedger implements LedgerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  state(ownerUid: string): Promise<LedgerState> {
    const account = this.#database
      .prepare('SELECT since_ms, rate FROM ledger_account WHERE owner_uid = ?')
      .get(ownerUid);
    const sum = this.#database
      .prepare('SELECT coalesce(sum(saved_usd), 0.0) AS saved_usd FROM ledger_row WHERE owner_uid = ?')
      .get(ownerUid);
    const { saved_usd: savedUsd } = Value.Parse(Sum, { ...sum });
    if (account === undefined) return Promise.resolve({ savedUsd, lastRate: undefined, sinceMs: undefined });
    const { since_ms: sinceMs, rate } = Value.Parse(Account, { ...account });
    return Promise.resolve({ savedUsd, sinceMs, lastRate: rate === null ? undefined : parseRate(rate) });
  }

  book(owner: LedgerOwner, row: LedgerRow | undefined, rate: SavingsRate): Promise<void> {
    this.#database.transaction(() => {
      if (row !== undefined) this.#insert(owner, row);
      this.#database
        .prepare(
          `INSERT INTO ledger_account (owner_uid, since_ms, rate) VALUES (?, ?, ?)
           ON CONFLICT (owner_uid) DO UPDATE SET rate = excluded.rate`,
        )
        .run(owner.uid, rate.atMs, JSON.stringify(rate));
    });
    return Promise.resolve();
  }

  close(ownerUid: string): Promise<void> {
    this.#database.prepare('UPDATE ledger_account SET rate = NULL WHERE owner_uid = ?').run(ownerUid);
    return Promise.resolve();
  }

  rows(sinceMs: number): Promise<readonly OwnedLedgerRow[]> {
    const found = this.#database
      .prepare('SELECT * FROM ledger_row WHERE to_ms > ? ORDER BY from_ms, key')
      .all(sinceMs);
    return Promise.resolve(found.map((row) => readRow(row)));
  }

  #insert(owner: LedgerOwner, row: LedgerRow): void {
    this.#database
      .prepare(`INSERT INTO ledger_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`)
      .run(
        row.key,
        owner.uid,
        owner.namespace,
        owner.name,
        owner.workload,
        row.fromMs,
        row.toMs,
        row.baselineUsd,
        row.actualUsd,
        row.savedUsd,
        row.priceSource,
      );
  }
}

function parseRate(text: string): SavingsRate {
  return Value.Parse(Rate, JSON.parse(text));
}

function readRow(found: object): OwnedLedgerRow {
  const row = Value.Parse(Row, { ...found });
  return {
    key: row.key,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    baselineUsd: row.baseline_usd,
    actualUsd: row.actual_usd,
    savedUsd: row.saved_usd,
    priceSource: row.price_source,
    owner: {
      uid: row.owner_uid,
      namespace: row.owner_namespace,
      name: row.owner_name,
      workload: row.workload,
    },
  };
}

/** The ledger of an operator beside this process, read when it is asked for: the file may come later. */
import type { Database } from '#adapters/sqlite/database.ts';
import { SqliteLedger } from '#adapters/state/sqlite-ledger.ts';
import { readStateDatabase } from '#adapters/state/state-database.ts';
import type { LedgerStore, OwnedLedgerRow } from '#domain/ledger/ledger-store.ts';

export class StateLedger implements Pick<LedgerStore, 'rows'> {
  readonly #file: string;
  #database: Database | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Rejects with KC_STORE_UNAVAILABLE while there is no file to read. */
  async rows(sinceMs: number): Promise<readonly OwnedLedgerRow[]> {
    this.#database ??= readStateDatabase(this.#file);
    return new SqliteLedger(this.#database).rows(sinceMs);
  }

  close(): void {
    this.#database?.close();
  }
}

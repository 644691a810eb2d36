/** Where the savings ledger is kept. Implemented by `src/adapters/ledger`. */
import type { LedgerRow, SavingsRate } from './ledger.ts';

/** Whose savings are booked. The names are kept with the rows, so that they can be read after a deletion. */
export interface LedgerOwner {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** The workload, e.g. `Deployment shop/web`. */
  readonly workload: string;
}

/** The ledger of one owner so far. */
export interface LedgerState {
  readonly savedUsd: number;
  /** The reading that the next interval begins with; undefined before the first. */
  readonly lastRate: SavingsRate | undefined;
  /** When the first reading was taken. */
  readonly sinceMs: number | undefined;
}

/**
 * The reading that the next interval of a change begins with. One from before the change began belongs to an earlier
 * one, whose account was not closed; of a ledger that cannot be read nothing is known.
 */
export function lastRateSince(ledger: LedgerState | undefined, beganMs: number): SavingsRate | undefined {
  const rate = ledger?.lastRate;
  return rate !== undefined && rate.atMs >= beganMs ? rate : undefined;
}

/** A row with its owner, for reports. */
export interface OwnedLedgerRow extends LedgerRow {
  readonly owner: LedgerOwner;
}

export interface LedgerStore {
  state(ownerUid: string): Promise<LedgerState>;
  /**
   * Books a row (none at the first reading) and the reading that ends it, in one transaction. Booking a row whose
   * key is there already changes nothing.
   */
  book(owner: LedgerOwner, row: LedgerRow | undefined, rate: SavingsRate): Promise<void>;
  /** Closes an account: its rows stay, the next reading begins anew. */
  close(ownerUid: string): Promise<void>;
  /** Rows that end after `sinceMs`, oldest first. */
  rows(sinceMs: number): Promise<readonly OwnedLedgerRow[]>;
}

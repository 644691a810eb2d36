/** What a backup store has not been told yet. */
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

/** Which entry: that of one CostOptimization on one workload. */
export interface EntryKey {
  readonly target: WorkloadRef;
  readonly ownerUid: string;
}

/** Kept durably: while an entry is owed, the backup's version of it is out of date and must not be believed. */
export interface Debts {
  /** Durable when it returns. */
  owe(key: EntryKey): void;
  settle(key: EntryKey): void;
  isOwed(key: EntryKey): boolean;
  list(): readonly EntryKey[];
}

/** Where rollback entries are kept. Implemented by `src/adapters/rollback-store`. */
import type { WorkloadRef } from '../workload/workload-ref.ts';
import type { RollbackEntry } from './rollback-entry.ts';

/**
 * The version up to which the cluster knows that entries were written: every copy below is out of date. Several
 * operators, each with its own state file, hold copies that know nothing of each other.
 */
export interface VersionFloor {
  /** By a copy of the status that may lag. */
  readonly seen: number;
  /** By the API server; asked only before a copy is believed that the cluster itself does not hold. */
  readonly ask: () => Promise<number>;
}

/** Believes every copy. */
export const NO_FLOOR: VersionFloor = { seen: 0, ask: () => Promise.resolve(0) };

export interface RollbackStore {
  /**
   * The entry of one CostOptimization on one workload, or undefined where there is none that is up to date. Rejects
   * with KC_ROLLBACK_STATE_UNREADABLE where one is stored that cannot be read: that is never "none".
   */
  load(target: WorkloadRef, ownerUid: string, floor?: VersionFloor): Promise<RollbackEntry | undefined>;
  /**
   * Stores the entry. Resolves only once it is durable; the workload must not be written before. Where others are
   * asked too, rejects with KC_ROLLBACK_STATE_SUPERSEDED instead of overwriting a newer one.
   */
  save(entry: RollbackEntry): Promise<void>;
  /** Forgets the entry up to a version (any where absent); forgetting what is not there is fine. */
  remove(target: WorkloadRef, ownerUid: string, version?: number): Promise<void>;
}

/** True where a copy is no older than what the cluster knows of. */
export async function isUpToDate({ version }: RollbackEntry, floor: VersionFloor): Promise<boolean> {
  return version >= floor.seen && version >= (await floor.ask());
}

/** Where rollback entries are kept. Implemented by `src/adapters/rollback-store`. */
import type { WorkloadRef } from '../workload/workload-ref.ts';
import type { RollbackEntry } from './rollback-entry.ts';

export interface RollbackStore {
  /**
   * The entry of one CostOptimization on one workload, or undefined where there is none. Rejects with
   * KC_ROLLBACK_STATE_UNREADABLE where one is stored that cannot be read: that is never "none".
   */
  load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined>;
  /** Stores the entry. Resolves only once it is durable; the workload must not be written before. */
  save(entry: RollbackEntry): Promise<void>;
  /** Forgets the entry; forgetting what is not there is fine. */
  remove(target: WorkloadRef, ownerUid: string): Promise<void>;
}

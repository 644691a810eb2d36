/**
 * Two stores as one. A change is stored in both before the workload is written. Reading asks the first and, where
 * that has nothing or cannot be read, the second: losing either loses nothing. What only the second has (a save was
 * interrupted, or somebody deleted the first) is given back to the first before anything is decided on it.
 */
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Logger } from '#platform/logger.ts';

export class TwinRollbackStore implements RollbackStore {
  readonly #first: RollbackStore;
  readonly #second: RollbackStore;
  readonly #logger: Logger;

  constructor(stores: readonly [RollbackStore, RollbackStore], logger: Logger) {
    [this.#first, this.#second] = stores;
    this.#logger = logger;
  }

  async load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    try {
      const found = await this.#first.load(target, ownerUid);
      if (found !== undefined) return found;
    } catch (error) {
      const spare = await this.#second.load(target, ownerUid);
      if (spare === undefined) throw error;
      this.#logger.warn('rollback state read from the second store', { problem: messageOf(error) });
      return spare;
    }
    const spare = await this.#second.load(target, ownerUid);
    if (spare !== undefined) await this.#first.save(spare);
    return spare;
  }

  async save(entry: RollbackEntry): Promise<void> {
    await this.#second.save(entry);
    await this.#first.save(entry);
  }

  async remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    // The first store is asked first: emptied last, it never lets a stale twin speak.
    await this.#second.remove(target, ownerUid);
    await this.#first.remove(target, ownerUid);
  }
}

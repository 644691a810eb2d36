/**
 * Two stores as one: the cluster's, which every operator shares, and a copy of this operator's own. What the first
 * holds is true; the copy speaks where the first has nothing or cannot be read, and only if it is no older than what
 * the cluster remembers: another operator may have gone on, or let go, without it. What only the copy has (a save was
 * interrupted, or somebody deleted the first) is given back to the first before anything is decided on it.
 *
 * A copy that cannot be written (a full disk, a broken file) keeps no change from being undone, but none begins.
 */
import { canonicalJson } from '#domain/change/canonical-json.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import {
  isUpToDate,
  NO_FLOOR,
  type RollbackStore,
  type VersionFloor,
} from '#domain/rollback/rollback-store.ts';
import { describeWorkload, type WorkloadRef } from '#domain/workload/workload-ref.ts';
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

  async load(
    target: WorkloadRef,
    ownerUid: string,
    floor: VersionFloor = NO_FLOOR,
  ): Promise<RollbackEntry | undefined> {
    let found: RollbackEntry | undefined;
    try {
      found = await this.#first.load(target, ownerUid);
    } catch (error) {
      const spare = await this.#spare(target, ownerUid, floor);
      if (spare === undefined) throw error;
      this.#say('rollback state read from the second store', target, error);
      return spare;
    }
    // What lies there from before the floor was written by someone who had lost the lease.
    if (found !== undefined && found.version >= floor.seen) {
      await this.#mirror(found);
      return found;
    }
    const spare = await this.#spare(target, ownerUid, floor);
    if (spare !== undefined) await this.#first.save(spare);
    return spare;
  }

  async save(entry: RollbackEntry): Promise<void> {
    const begins = entry.intent !== null && entry.restoring === null;
    try {
      await this.#second.save(entry);
    } catch (error) {
      if (begins) throw error;
      this.#say('the second copy of rollback state cannot be written', entry.target, error);
    }
    await this.#first.save(entry);
  }

  async remove(target: WorkloadRef, ownerUid: string, version?: number): Promise<void> {
    await this.#forget(target, ownerUid);
    // Emptied last, it never lets a stale twin speak.
    await this.#first.remove(target, ownerUid, version);
  }

  /** The copy, where it is up to date; one that is not is dropped. */
  async #spare(
    target: WorkloadRef,
    ownerUid: string,
    floor: VersionFloor,
  ): Promise<RollbackEntry | undefined> {
    const spare = await this.#copy(target, ownerUid);
    if (spare === undefined || (await isUpToDate(spare, floor))) return spare;
    await this.#forget(target, ownerUid);
    return undefined;
  }

  /** Brings the copy up to date: it may have been lost, or written before another operator led. */
  async #mirror(entry: RollbackEntry): Promise<void> {
    const { target, owner } = entry;
    const copy = await this.#copy(target, owner.uid);
    if (canonicalJson(copy ?? null) === canonicalJson(entry)) return;
    try {
      await this.#second.save(entry);
    } catch (error) {
      this.#say('the second copy of rollback state cannot be written', target, error);
    }
  }

  /** A copy that cannot be read is none. Whoever finds none looks for marks of a change on the workload itself. */
  async #copy(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    try {
      return await this.#second.load(target, ownerUid);
    } catch (error) {
      this.#say('the second copy of rollback state cannot be read', target, error);
      return undefined;
    }
  }

  async #forget(target: WorkloadRef, ownerUid: string): Promise<void> {
    try {
      await this.#second.remove(target, ownerUid);
    } catch (error) {
      this.#say('the second copy of rollback state cannot be removed', target, error);
    }
  }

  #say(message: string, target: WorkloadRef, error: unknown): void {
    this.#logger.warn(message, { workload: describeWorkload(target), problem: messageOf(error) });
  }
}

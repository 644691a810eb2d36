/**
 * A store that is the truth, and a backup that may be down, slow, emptied or full of garbage at any time. The backup
 * never delays or prevents a change for longer than its own timeout, and speaks only where the truth was lost: what
 * it was not told (a debt) is not believed, and is told once it answers again.
 */
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import {
  isUpToDate,
  NO_FLOOR,
  type RollbackStore,
  type VersionFloor,
} from '#domain/rollback/rollback-store.ts';
import { describeWorkload, type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Logger } from '#platform/logger.ts';
import type { Debts, EntryKey } from './debts.ts';

export interface BackedUpParts {
  readonly truth: RollbackStore;
  /** What the backup is told of outside of changes: the part of the truth that all operators share; all of it where absent. */
  readonly shared?: RollbackStore;
  readonly backup: RollbackStore;
  readonly debts: Debts;
  readonly logger: Logger;
}

export class BackedUpRollbackStore implements RollbackStore {
  readonly #parts: BackedUpParts;
  /** The work under way on an entry; what follows on the same entry waits for it. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(parts: BackedUpParts) {
    this.#parts = parts;
  }

  async load(
    target: WorkloadRef,
    ownerUid: string,
    floor: VersionFloor = NO_FLOOR,
  ): Promise<RollbackEntry | undefined> {
    const key = { target, ownerUid };
    let found: RollbackEntry | undefined;
    try {
      found = await this.#parts.truth.load(target, ownerUid, floor);
    } catch (error) {
      const spare = await this.#ask(key, floor);
      if (spare === undefined) throw error;
      this.#say('rollback state cannot be read; the backup had it', key, error);
      return spare;
    }
    if (found !== undefined) return found;
    const spare = await this.#ask(key, floor);
    if (spare === undefined) return undefined;
    this.#say('rollback state was lost; the backup had it', key);
    await this.#parts.truth.save(spare);
    return spare;
  }

  save(entry: RollbackEntry): Promise<void> {
    const key = { target: entry.target, ownerUid: entry.owner.uid };
    return this.#inTurn(key, async () => {
      this.#owe(key);
      await this.#parts.truth.save(entry);
      await this.#tell(key, entry);
    });
  }

  remove(target: WorkloadRef, ownerUid: string, version?: number): Promise<void> {
    const key = { target, ownerUid };
    return this.#inTurn(key, async () => {
      this.#owe(key);
      const told = await this.#tell(key, undefined);
      await this.#parts.truth.remove(target, ownerUid, version);
      if (told) this.#settle(key);
    });
  }

  /**
   * Tells the backup what the cluster holds now. False where the backup does not answer. Where the cluster holds
   * nothing and nothing is owed, the backup may be all that is left: it is let alone.
   */
  refresh(key: EntryKey): Promise<boolean> {
    return this.#inTurn(key, async () => {
      const { truth, shared = truth } = this.#parts;
      const entry = await shared.load(key.target, key.ownerUid);
      if (entry === undefined && !this.#isOwed(key)) return true;
      const told = await this.#tell(key, entry);
      if (told) this.#settle(key);
      return told;
    });
  }

  async #tell(key: EntryKey, entry: RollbackEntry | undefined): Promise<boolean> {
    const { backup } = this.#parts;
    try {
      if (entry === undefined) await backup.remove(key.target, key.ownerUid);
      else await backup.save(entry);
    } catch (error) {
      this.#say('the backup of rollback state could not be written; it will be later', key, error);
      return false;
    }
    // A removal is settled only once the truth has forgotten it too.
    if (entry !== undefined) this.#settle(key);
    return true;
  }

  async #ask(key: EntryKey, floor: VersionFloor): Promise<RollbackEntry | undefined> {
    if (this.#isOwed(key)) return undefined;
    let spare: RollbackEntry | undefined;
    try {
      spare = await this.#parts.backup.load(key.target, key.ownerUid);
    } catch (error) {
      this.#say('the backup of rollback state cannot be read', key, error);
    }
    return spare !== undefined && (await isUpToDate(spare, floor)) ? spare : undefined;
  }

  /** Debts that cannot be kept hold nothing up: an old copy in the backup is known by its version too. */
  #owe(key: EntryKey): void {
    this.#noting(key, (debts) => {
      debts.owe(key);
    });
  }

  #settle(key: EntryKey): void {
    this.#noting(key, (debts) => {
      debts.settle(key);
    });
  }

  #isOwed(key: EntryKey): boolean {
    return this.#noting(key, (debts) => debts.isOwed(key)) ?? false;
  }

  #noting<T>(key: EntryKey, work: (debts: Debts) => T): T | undefined {
    try {
      return work(this.#parts.debts);
    } catch (error) {
      this.#say('what the backup of rollback state is owed cannot be noted', key, error);
      return undefined;
    }
  }

  async #inTurn<T>({ target, ownerUid }: EntryKey, work: () => Promise<T>): Promise<T> {
    const id = `${workloadKey(target)}/${ownerUid}`;
    const before = this.#busy.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#busy.set(id, mine);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(id) === mine) this.#busy.delete(id);
    }
  }

  #say(message: string, { target }: EntryKey, error?: unknown): void {
    const problem = error === undefined ? {} : { problem: messageOf(error) };
    this.#parts.logger.warn(message, { workload: describeWorkload(target), ...problem });
  }
}

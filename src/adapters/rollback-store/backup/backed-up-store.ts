/**
 * A store that is the truth, and a backup that may be down, slow, emptied or full of garbage at any time. The backup
 * never delays or prevents a change for longer than its own timeout, and speaks only where the truth was lost: what
 * it was not told (a debt) is not believed, and is told once it answers again.
 */
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { describeWorkload, type WorkloadRef, workloadKey } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { Logger } from '#platform/logger.ts';
import type { Debts, EntryKey } from './debts.ts';

export interface BackedUpParts {
  readonly truth: RollbackStore;
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

  async load(target: WorkloadRef, ownerUid: string): Promise<RollbackEntry | undefined> {
    const key = { target, ownerUid };
    let found: RollbackEntry | undefined;
    try {
      found = await this.#parts.truth.load(target, ownerUid);
    } catch (error) {
      const spare = await this.#ask(key);
      if (spare === undefined) throw error;
      this.#say('rollback state cannot be read; the backup had it', key, error);
      return spare;
    }
    if (found !== undefined) return found;
    const spare = await this.#ask(key);
    if (spare !== undefined) this.#say('rollback state was lost; the backup had it', key);
    return spare;
  }

  save(entry: RollbackEntry): Promise<void> {
    const key = { target: entry.target, ownerUid: entry.owner.uid };
    return this.#inTurn(key, async () => {
      this.#parts.debts.owe(key);
      await this.#parts.truth.save(entry);
      await this.#tell(key, entry);
    });
  }

  remove(target: WorkloadRef, ownerUid: string): Promise<void> {
    const key = { target, ownerUid };
    return this.#inTurn(key, async () => {
      this.#parts.debts.owe(key);
      const told = await this.#tell(key, undefined);
      await this.#parts.truth.remove(target, ownerUid);
      if (told) this.#parts.debts.settle(key);
    });
  }

  /** Tells the backup what the truth holds now. False where the backup does not answer. */
  refresh(key: EntryKey): Promise<boolean> {
    return this.#inTurn(key, async () => {
      const entry = await this.#parts.truth.load(key.target, key.ownerUid);
      const told = await this.#tell(key, entry);
      if (told) this.#parts.debts.settle(key);
      return told;
    });
  }

  async #tell(key: EntryKey, entry: RollbackEntry | undefined): Promise<boolean> {
    const { backup, debts } = this.#parts;
    try {
      if (entry === undefined) await backup.remove(key.target, key.ownerUid);
      else await backup.save(entry);
    } catch (error) {
      this.#say('the backup of rollback state could not be written; it will be later', key, error);
      return false;
    }
    // A removal is settled only once the truth has forgotten it too.
    if (entry !== undefined) debts.settle(key);
    return true;
  }

  async #ask(key: EntryKey): Promise<RollbackEntry | undefined> {
    const { backup, debts } = this.#parts;
    if (debts.isOwed(key)) return undefined;
    try {
      return await backup.load(key.target, key.ownerUid);
    } catch (error) {
      this.#say('the backup of rollback state cannot be read', key, error);
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

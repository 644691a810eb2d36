/** Keeps a backup true: pays its debts as soon as it answers, and fills it again after it was emptied. */
import { messageOf } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Debts, EntryKey } from './debts.ts';

export interface BackupKeeperParts {
  readonly refresh: (key: EntryKey) => Promise<boolean>;
  readonly debts: Debts;
  /** Every entry that there is. */
  readonly entries: () => readonly EntryKey[];
  /** Changes whenever the backup may have forgotten something or holds it under an old key. */
  readonly epoch: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalMs?: number;
  readonly refillMs?: number;
}

const INTERVAL_MS = 15_000;
/** Entries in Redis live for seven days: told four times a day, they live as long as the change. */
const REFILL_MS = 6 * 3_600_000;

export class BackupKeeper {
  readonly name = 'keeper of the rollback backup';
  /** Only the leader writes. */
  readonly start = 'leading';
  readonly #parts: BackupKeeperParts;
  #filled: { readonly epoch: string; readonly atMs: number } | undefined;

  constructor(parts: BackupKeeperParts) {
    this.#parts = parts;
  }

  async run({ stop }: { readonly stop: AbortSignal }): Promise<void> {
    // Another leader may have written since this process last led.
    this.#filled = undefined;
    while (!stop.aborted) {
      // A state file that cannot be read keeps debts, and nothing else.
      await this.round().catch((error: unknown) => {
        this.#parts.logger.warn('rollback state could not be backed up', { problem: messageOf(error) });
      });
      await sleep(this.#parts.clock, this.#parts.intervalMs ?? INTERVAL_MS, stop).catch(() => undefined);
    }
  }

  /** One look: everything after a loss, else what is owed. */
  async round(): Promise<void> {
    const { clock, debts, entries, epoch, refillMs = REFILL_MS } = this.#parts;
    const [now, present] = [clock.now(), epoch()];
    const full = this.#filled?.epoch !== present || now - this.#filled.atMs >= refillMs;
    const due = full ? [...debts.list(), ...entries()] : debts.list();
    if ((await this.#refreshAll(due)) && full) this.#filled = { epoch: present, atMs: now };
  }

  /** Ends at the first failure: what comes next would wait as long. */
  async #refreshAll(keys: readonly EntryKey[]): Promise<boolean> {
    for (const key of keys) {
      try {
        if (!(await this.#parts.refresh(key))) return false;
      } catch (error) {
        this.#parts.logger.warn('rollback state could not be backed up', { problem: messageOf(error) });
        return false;
      }
    }
    return true;
  }
}

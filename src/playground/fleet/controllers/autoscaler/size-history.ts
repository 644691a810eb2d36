/** What an autoscaler proposed and did lately. */
import type { SizeRecord } from './scaling-behavior.ts';

/** No window or period of autoscaling/v2 is longer. */
const REMEMBER_MS = 3_600_000;

export class SizeHistory {
  readonly #proposals: SizeRecord[] = [];
  readonly #changes: SizeRecord[] = [];

  get proposals(): readonly SizeRecord[] {
    return this.#proposals;
  }

  /** `replicas` is the change: negative for shrinking. */
  get changes(): readonly SizeRecord[] {
    return this.#changes;
  }

  propose(replicas: number, atMs: number): void {
    remember(this.#proposals, { atMs, replicas });
  }

  change(replicas: number, atMs: number): void {
    remember(this.#changes, { atMs, replicas });
  }
}

/** Adds the newest and drops what is out of date at the front. */
function remember(records: SizeRecord[], record: SizeRecord): void {
  records.push(record);
  const firstKept = records.findIndex(({ atMs }) => atMs > record.atMs - REMEMBER_MS);
  if (firstKept > 0) records.splice(0, firstKept);
}

/** What an autoscaler proposed and did lately. */
import type { SizeRecord } from './scaling-behavior.ts';

/** No window or period of autoscaling/v2 is longer. */
const REMEMBER_MS = 3_600_000;

export class SizeHistory {
  #proposals: readonly SizeRecord[] = [];
  #changes: readonly SizeRecord[] = [];

  get proposals(): readonly SizeRecord[] {
    return this.#proposals;
  }

  /** `replicas` is the change: negative for shrinking. */
  get changes(): readonly SizeRecord[] {
    return this.#changes;
  }

  propose(replicas: number, atMs: number): void {
    this.#proposals = recent([...this.#proposals, { atMs, replicas }], atMs);
  }

  change(replicas: number, atMs: number): void {
    this.#changes = recent([...this.#changes, { atMs, replicas }], atMs);
  }
}

function recent(records: readonly SizeRecord[], nowMs: number): readonly SizeRecord[] {
  return records.filter(({ atMs }) => atMs > nowMs - REMEMBER_MS);
}

/** The recent changes of one kind of object: what watches resume from and what older lists are rebuilt from. */
import type { ApiObject } from './api-object.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One committed change. */
export interface Change {
  readonly type: ChangeType;
  readonly key: string;
  readonly revision: number;
  /** When it was committed, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** The object after the change; for DELETED its last state with the revision of the deletion. */
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

export interface HistoryLimits {
  /** Changes younger than this are kept. */
  readonly keepMs: number;
  /** So many of the latest changes are kept whatever their age. */
  readonly keepCount: number;
}

/** As etcd is compacted by the API server, and as few events as a watch cache holds. */
export const DEFAULT_HISTORY: HistoryLimits = { keepMs: 300_000, keepCount: 100 };

/** Dropped changes are cut off in batches, so that adding one costs the same whatever the length. */
const MIN_CUT = 256;

export class History {
  readonly #limits: HistoryLimits;
  #changes: Change[] = [];
  /** Index of the first change that is still kept. */
  #first = 0;
  /** Everything up to this revision may have been forgotten. */
  #forgottenThrough = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  /** The revision of the latest forgotten change: nothing older can be answered. */
  get forgottenThrough(): number {
    return this.#forgottenThrough;
  }

  add(change: Change): void {
    this.#changes.push(change);
    this.#forget(change.atMs - this.#limits.keepMs, this.#limits.keepCount);
  }

  /** Forgets everything up to now, as a compaction does. */
  compact(): void {
    this.#forget(Number.POSITIVE_INFINITY, 0);
  }

  /** Changes after the revision, oldest first; undefined where some are forgotten. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#forgottenThrough) return undefined;
    let low = this.#first;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low);
  }

  #forget(olderThanMs: number, keepCount: number): void {
    while (this.#changes.length - this.#first > keepCount) {
      const change = this.#changes[this.#first];
      if (change === undefined || change.atMs >= olderThanMs) break;
      this.#forgottenThrough = change.revision;
      this.#first += 1;
    }
    if (this.#first >= MIN_CUT && this.#first * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#first);
      this.#first = 0;
    }
  }
}

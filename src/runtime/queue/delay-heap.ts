/** What is due when: a binary heap, earliest first, in order of arrival among equals. */

export interface Delayed {
  readonly key: string;
  readonly dueMs: number;
  readonly sequence: number;
}

export class DelayHeap {
  readonly #entries: Delayed[] = [];
  #sequence = 0;

  /** The earliest entry. */
  get first(): Delayed | undefined {
    return this.#entries[0];
  }

  push(key: string, dueMs: number): Delayed {
    this.#sequence += 1;
    const entry = { key, dueMs, sequence: this.#sequence };
    let index = this.#entries.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#entries[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#entries[index] = parent;
      index = parentIndex;
    }
    this.#entries[index] = entry;
    return entry;
  }

  /** Removes and returns the earliest entry. */
  pop(): Delayed | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first;
  }

  /** Puts `entry` in the place of the first and lets it sink to where it belongs. */
  #sink(entry: Delayed): void {
    let index = 0;
    for (;;) {
      const childIndex = this.#earlierChild(index);
      const child = this.#entries[childIndex];
      if (child === undefined || !isBefore(child, entry)) break;
      this.#entries[index] = child;
      index = childIndex;
    }
    this.#entries[index] = entry;
  }

  #earlierChild(index: number): number {
    const left = this.#entries[2 * index + 1];
    const right = this.#entries[2 * index + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isBefore(a: Delayed, b: Delayed): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence);
}

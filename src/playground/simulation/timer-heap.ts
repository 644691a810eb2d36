/** A binary heap of timers, ordered by time and, for equal times, by the order in which they were set. */

/** A timer that waits. `callback` is undefined once it has been cancelled or has fired. */
export interface HeapEntry {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Push and pop in O(log n). Cancelled entries stay until they reach the top or `compact` removes them. */
export class TimerHeap {
  #entries: HeapEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(entry: HeapEntry): void {
    this.#entries.push(entry);
    this.#siftUp(this.#entries.length - 1);
  }

  /** The earliest entry that is not cancelled. */
  peek(): HeapEntry | undefined {
    while (this.#entries[0] !== undefined && this.#entries[0].callback === undefined) this.#removeTop();
    return this.#entries[0];
  }

  pop(): HeapEntry | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  /** Drops every cancelled entry. */
  compact(): void {
    const kept = this.#entries.filter((entry) => entry.callback !== undefined);
    // A sorted array is a heap.
    this.#entries = kept.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #removeTop(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#siftDown(0);
  }

  #siftUp(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #siftDown(from: number): void {
    let index = from;
    for (;;) {
      const child = this.#smallerChild(index);
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #smallerChild(index: number): number {
    const left = 2 * index + 1;
    const a = this.#entries[left];
    const b = this.#entries[left + 1];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  }

  /** Swaps where the entry at `lower` comes before the one at `upper`; false where there is nothing to do. */
  #swapIfBefore(lower: number, upper: number): boolean {
    const a = this.#entries[lower];
    const b = this.#entries[upper];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    this.#entries[lower] = b;
    this.#entries[upper] = a;
    return true;
  }
}

function isBefore(a: HeapEntry, b: HeapEntry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

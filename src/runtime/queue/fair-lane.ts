/** Keys that wait, first come first served within a group and turn by turn between the groups. */

/**
 * A group with a thousand keys delays another group's single key by one turn, not by a thousand. Every operation
 * takes constant time.
 */
export class FairLane {
  /** In the order in which the groups are served next. */
  readonly #groups = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a key at the end of its group; nothing where it waits already. */
  add(group: string, key: string): void {
    const keys = this.#groups.get(group) ?? new Set();
    if (keys.has(key)) return;
    keys.add(key);
    this.#groups.set(group, keys);
    this.#size += 1;
  }

  delete(group: string, key: string): void {
    const keys = this.#groups.get(group);
    if (keys?.delete(key) !== true) return;
    this.#size -= 1;
    if (keys.size === 0) this.#groups.delete(group);
  }

  /** The key whose turn it is, taken out; its group goes to the end. */
  take(): string | undefined {
    for (const [group, keys] of this.#groups) {
      this.#groups.delete(group);
      for (const key of keys) {
        keys.delete(key);
        if (keys.size > 0) this.#groups.set(group, keys);
        this.#size -= 1;
        return key;
      }
    }
    return undefined;
  }
}

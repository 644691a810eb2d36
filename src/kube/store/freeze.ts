/**
 * Objects in a store are shared by every reader, so nobody may change them: they are frozen on entry. On the way, texts
 * that occur again and again (images, label values, times) are replaced by one copy of each, because JSON.parse
 * makes a new one every time: about a seventh of the memory of a store.
 */

/** Texts up to this length are shared by the engine already. */
const SHORT = 10;
/** Longer ones rarely repeat. */
const LONG = 200;
const GENERATION = 4096;

/** The texts seen lately: two generations, of which the older is dropped whole when the younger is full. */
export class TextPool {
  #young = new Map<string, string>();
  #old = new Map<string, string>();

  /** The copy of `text` that everyone shares. */
  shared(text: string): string {
    if (text.length <= SHORT || text.length > LONG) return text;
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const kept = this.#old.get(text) ?? text;
    this.#young.set(kept, kept);
    if (this.#young.size > GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return kept;
  }
}

/**
 * Freezes a JSON value and all it holds; returns it. Costs about a third of parsing the same object, and makes a
 * write through a cached object a TypeError at its own line instead of a wrong decision somewhere else.
 */
export function deepFreeze<T>(value: T, pool: TextPool): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    freezeMembers(value as Record<string, unknown>, pool);
  }
  return value;
}

function freezeMembers(object: Record<string, unknown>, pool: TextPool): void {
  for (const [name, member] of Object.entries(object)) {
    if (typeof member === 'string') object[name] = pool.shared(member);
    else deepFreeze(member, pool);
  }
  Object.freeze(object);
}

/** The text of a value as kubectl's JSON paths print it. */

/** Texts as they are, everything else as JSON. */
export function stringify(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

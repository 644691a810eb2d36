/** The text of a value as kubectl's JSON paths and as Go's errors print it. */
import { isList, isObject } from './json.ts';

/** Texts as they are, everything else as JSON. */
export function stringify(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A value as Go prints it in errors: `map[image:x names:[a b]]`. */
export function goText(value: unknown): string {
  if (isList(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return value === null ? '<nil>' : stringify(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
}

/** The vocabulary of the default tables. */
import type { DefaultRule } from '../decode/decoder.ts';
import { type JsonObject, isPresent } from '../json/json.ts';

type Draft = Record<string, unknown>;

function isMissing(value: unknown): boolean {
  return !isPresent(value) || value === '';
}

/** Sets each field that is missing or an empty text. */
export function fill(draft: Draft, defaults: JsonObject): void {
  for (const name in defaults) if (isMissing(draft[name])) draft[name] = defaults[name];
}

/** The object with each missing field set; the same object where none is missing. */
export function filled(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.keys(defaults).filter((name) => isMissing(object[name]));
  if (missing.length === 0) return object;
  return { ...object, ...Object.fromEntries(missing.map((name) => [name, defaults[name]])) };
}

/** A rule that only fills in constants. */
export function constants(defaults: JsonObject): DefaultRule {
  return (draft) => {
    fill(draft, defaults);
  };
}

/** The list with each item passed through `change`; the same list where no item changes. */
export function changedItems<T>(list: readonly T[], change: (item: T) => T): readonly T[] {
  const items = list.map(change);
  return items.every((item, index) => item === list[index]) ? list : items;
}

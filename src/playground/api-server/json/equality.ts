/** Equality of JSON values, and structural sharing, which turns "is it equal" into "is it the same". */
import { type JsonObject, isList, isObject } from './json.ts';

/** Fields that are undefined count as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && equalLists(a, b);
  return isObject(a) && isObject(b) && equalObjects(a, b);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (!deepEqual(a[index], b[index])) return false;
  return true;
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  for (const key in a) if (!deepEqual(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

/**
 * `value`, with every part that equals the part of `previous` in the same place replaced by that very part.
 * The result is `previous` itself where the two are equal.
 */
export function share(previous: unknown, value: unknown): unknown {
  if (previous === value) return value;
  if (isList(value) && isList(previous)) return shareList(previous, value);
  if (isObject(value) && isObject(previous)) return shareObject(previous, value);
  return value;
}

function shareList(previous: readonly unknown[], value: readonly unknown[]): readonly unknown[] {
  let same = previous.length === value.length;
  const shared = value.map((item, index) => {
    const part = share(previous[index], item);
    if (part !== previous[index]) same = false;
    return part;
  });
  return same ? previous : shared;
}

function shareObject(previous: JsonObject, value: JsonObject): JsonObject {
  let same = true;
  const shared: Record<string, unknown> = {};
  for (const key in value) {
    if (value[key] === undefined) continue;
    const part = share(previous[key], value[key]);
    if (part !== previous[key]) same = false;
    shared[key] = part;
  }
  for (const key in previous) if (previous[key] !== undefined && !(key in shared)) same = false;
  return same ? previous : shared;
}

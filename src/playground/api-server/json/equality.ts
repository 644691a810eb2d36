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
  for (const key in a) if (!deepEqual(a[key], has(b, key) ? b[key] : undefined)) return false;
  for (const key in b) if (b[key] !== undefined && !has(a, key)) return false;
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
    const before = has(previous, key) ? previous[key] : undefined;
    const part = share(before, value[key]);
    if (part !== before) same = false;
    // Assigned, this one name would become the prototype.
    if (key === '__proto__') Object.defineProperty(shared, key, { value: part, enumerable: true });
    else shared[key] = part;
  }
  for (const key in previous) if (previous[key] !== undefined && !has(shared, key)) same = false;
  return same ? previous : shared;
}

/** A field of its own: every object inherits some names, such as `toString`. */
function has(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key) && object[key] !== undefined;
}

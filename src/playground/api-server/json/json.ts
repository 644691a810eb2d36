/** Raw JSON and the questions one asks of it. Values of stored objects are never mutated. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const EMPTY_OBJECT: JsonObject = Object.freeze({});
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Neither undefined nor null. */
export function isPresent<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** The object itself, or an empty one where the value is none. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : EMPTY_OBJECT;
}

export function asList(value: unknown): readonly unknown[] {
  return isList(value) ? value : EMPTY_LIST;
}

/** The list's elements that are objects. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asList(value).filter(isObject);
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The value at a path of field names; undefined where a step is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (!isObject(current)) return undefined;
    current = current[step];
  }
  return current;
}

export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  return asObject(valueAt(value, ...path));
}

export function textAt(value: unknown, ...path: readonly string[]): string {
  return asText(valueAt(value, ...path));
}

/** A copy with one field set at the path; the objects on the way are made where they are missing. */
export function withValueAt(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return object;
  const inner = rest.length === 0 ? value : withValueAt(asObject(object[step]), rest, value);
  return inner === object[step] ? object : { ...object, [step]: inner };
}

/** A copy without the field; the same object where it has none. */
export function without(object: JsonObject, ...fields: readonly string[]): JsonObject {
  if (!fields.some((field) => field in object)) return object;
  const copy: Record<string, unknown> = { ...object };
  for (const field of fields) Reflect.deleteProperty(copy, field);
  return copy;
}

export function isEmptyObject(object: JsonObject): boolean {
  for (const key in object) if (object[key] !== undefined) return false;
  return true;
}

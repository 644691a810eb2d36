/** JSON merge patches (RFC 7386): what changed, as an object that holds only the changes. */
import { sameJson } from './json-equal.ts';

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `target` as `patch` changes it: null removes, objects merge, anything else replaces. Neither is changed. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, applyMergePatch(members.get(name), value));
  }
  return Object.fromEntries(members);
}

/**
 * The merge patch that turns `before` into `after`; undefined where nothing changed. Members that are undefined
 * count as absent. A merge patch cannot express a null inside `after`: such members are removed.
 */
export function mergePatch(before: object, after: object): JsonObject | undefined {
  const old = membersOf(before);
  const kept = membersOf(after);
  const patch = new Map<string, unknown>();
  for (const name of old.keys()) if (!kept.has(name)) patch.set(name, null);
  for (const [name, value] of kept) {
    const change = memberPatch(old.get(name), value);
    if (change !== undefined) patch.set(name, change);
  }
  return patch.size === 0 ? undefined : Object.fromEntries(patch);
}

function memberPatch(before: unknown, after: unknown): unknown {
  if (isObject(after)) return isObject(before) ? mergePatch(before, after) : (mergePatch({}, after) ?? {});
  return sameJson(before, after) ? undefined : after;
}

/** A Map, because a member may be called `__proto__`. */
function membersOf(object: object): Map<string, unknown> {
  return new Map(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

/** RFC 7386: the patch looks like the document; null removes a field, everything but objects is replaced. */
import { type JsonObject, isObject } from '../json/json.ts';

/** The document after the patch. Parts that the patch does not mention are the very same objects. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const target: JsonObject = isObject(document) ? document : {};
  const result: Record<string, unknown> = { ...target };
  for (const name in patch) {
    if (patch[name] === null) Reflect.deleteProperty(result, name);
    else result[name] = applyMergePatch(target[name], patch[name]);
  }
  return result;
}

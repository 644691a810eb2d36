/** Objects as the storage holds them: immutable, complete, with their JSON text made at most once. */
import type { KubeObject, ObjectMeta } from '#apis/kubernetes/object.ts';
import type { JsonObject } from '../json/json.ts';

export type ApiObject = KubeObject & JsonObject & { readonly metadata: ObjectMeta };

const texts = new WeakMap<JsonObject, string>();

/** The object's JSON, made once for as long as the object lives. */
export function jsonText(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/** `namespace/name`, or `name` for cluster-scoped objects: the order of these texts is the order of lists. */
export function storageKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

export function storageKeyOf(object: ApiObject): string {
  return storageKey(object.metadata.namespace, object.metadata.name ?? '');
}

/** A copy with some metadata fields replaced. */
export function withMeta(object: ApiObject, changes: Partial<ObjectMeta>): ApiObject {
  return { ...object, metadata: { ...object.metadata, ...changes } };
}

/** A copy without some metadata fields. */
export function withoutMeta(object: ApiObject, ...names: readonly (keyof ObjectMeta)[]): ApiObject {
  if (!names.some((name) => name in object.metadata)) return object;
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const name of names) Reflect.deleteProperty(metadata, name);
  return { ...object, metadata };
}

/** The resource version as a number. */
export function revisionOf(object: KubeObject): number {
  return Number(object.metadata?.resourceVersion ?? 0);
}

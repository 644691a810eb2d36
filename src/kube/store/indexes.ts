/** Indexes that most controllers need. An index is a function; define it once, at module level. */
import type { KubeObject } from '#apis/kubernetes/object.ts';

/** The values under which an object is found; none keeps it out of the index. */
export type IndexFunction<T extends KubeObject = KubeObject> = (object: T) => readonly string[];

/** By namespace; cluster-scoped objects stand under the empty text. */
export function byNamespace(object: KubeObject): readonly string[] {
  return [object.metadata?.namespace ?? ''];
}

/** By the uid of each owner. */
export function byOwnerUid(object: KubeObject): readonly string[] {
  return object.metadata?.ownerReferences?.map((owner) => owner.uid) ?? [];
}

/** By the uid of the object itself. */
export function byUid(object: KubeObject): readonly string[] {
  return object.metadata?.uid === undefined ? [] : [object.metadata.uid];
}

/** By the value of one label. */
export function byLabel(label: string): IndexFunction {
  return (object) => {
    const value = object.metadata?.labels?.[label];
    return value === undefined ? [] : [value];
  };
}

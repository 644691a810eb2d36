/** How an API server names a kind of object, and the kinds that we use. */
import type { KubeObject } from '#apis/kubernetes/object.ts';

/** A resource as it stands in a URL. `T` is the type of its objects. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Only for the compiler: never set. */
  readonly _object?: T;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The name that users type: `deployments.apps`, `pods`. */
export function qualifiedName(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** Where a resource type is rooted: `/api/v1` or `/apis/apps/v1`. */
export function rootPath(type: ResourceType): string {
  return type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
}

/** The path of a collection, an object, or one of its subresources. */
export function resourcePath(
  type: ResourceType,
  target: { readonly namespace?: string | undefined; readonly name?: string; readonly subresource?: string },
): string {
  const parts = [rootPath(type)];
  if (type.namespaced && target.namespace !== undefined && target.namespace !== '') {
    parts.push('namespaces', encodeURIComponent(target.namespace));
  }
  parts.push(type.plural);
  if (target.name !== undefined) parts.push(encodeURIComponent(target.name));
  if (target.subresource !== undefined) parts.push(target.subresource);
  return parts.join('/');
}

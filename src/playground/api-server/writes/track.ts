/** Ownership of what components of the server itself write, recorded as if they were clients. */
import { fieldScopeOf } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { ServerParts } from './write-parts.ts';

/** The group and version that a kind is written through. */
export interface TrackedKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export interface TrackedChange {
  readonly live: ApiObject;
  readonly object: ApiObject;
  /** Who is recorded. */
  readonly name: string;
  readonly subresource?: string;
}

/** The object with its managedFields brought up to date. */
export function tracked(parts: ServerParts, kind: TrackedKind, change: TrackedChange): ApiObject {
  const resource = parts.registry.find(kind.group, kind.version, kind.plural);
  if (resource === undefined) return change.object;
  return parts.fields.update(fieldScopeOf(resource, change.subresource ?? ''), change);
}

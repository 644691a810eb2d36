/** Objects that are there without anyone having asked for them. */
import { rfc3339 } from '#platform/clock.ts';
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import { storageKeyOf, withMeta } from '../storage/api-object.ts';
import type { ServerParts } from '../writes/write-parts.ts';

/** Stores an object, defaulted and prepared as a created one is; does nothing where there is one of that name. */
export function seedObject(parts: ServerParts, resource: Resource, body: JsonObject): void {
  const { object } = resource.codec.decode(body);
  const prepared = resource.rules.prepareCreate(
    withMeta(object, { uid: parts.random.uuid(), creationTimestamp: rfc3339(parts.clock.now()) }),
  );
  const collection = parts.store.collection(resource.stored);
  if (collection.get(storageKeyOf(prepared)) === undefined) parts.store.create(resource.stored, prepared);
}

/** The resource of a built-in kind. */
export function requireResource(parts: ServerParts, apiVersion: string, kind: string): Resource {
  const resource = parts.registry.ofKind({ apiVersion, kind });
  if (resource === undefined) throw new Error(`${apiVersion} ${kind} is not served`);
  return resource;
}

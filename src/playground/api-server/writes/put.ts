/** PUT: the whole object, as read, changed and sent back. */
import type { JsonObject } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Call } from '../wire/call.ts';
import { badRequest, notFound } from '../wire/status-error.ts';
import { createTracked } from './create.ts';
import { findStored, updateObject } from './update.ts';
import { type ServerParts, inNamespace, readBody } from './write-parts.ts';

export interface PutResult {
  readonly object: ApiObject;
  readonly isNew: boolean;
}

/** Replaces the object of a call; creates it where its kind allows that. */
export async function putObject(parts: ServerParts, call: Call, body: JsonObject): Promise<PutResult> {
  const scope = fieldScopeOf(call.resource, call.subresource);
  const name = call.fieldManager;
  if (findStored(parts, call) === undefined) {
    const object = named(call, inNamespace(call, readBody(call, body)));
    if (!call.resource.rules.createOnUpdate || call.subresource !== '')
      throw notFound(call.resource, call.name);
    const tracked = parts.fields.update(scope, { live: undefined, object, name });
    return { object: await createTracked(parts, call, tracked), isNew: true };
  }
  const object = await updateObject(parts, call, (previous) => {
    const next = named(call, inNamespace(call, readBody(call, body, previous)));
    return parts.fields.update(scope, { live: previous, object: next, name });
  });
  return { object, isNew: false };
}

/** The object under the name of the URL; BadRequest where it says another. */
export function named(call: Call, object: ApiObject): ApiObject {
  const { name = '' } = object.metadata;
  if (name === call.name) return object;
  throw badRequest(
    name === ''
      ? 'name must be provided'
      : `the name of the object (${name}) does not match the name on the URL (${call.name})`,
  );
}

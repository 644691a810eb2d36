/** PUT: the whole object, as read, changed and sent back. */
import type { JsonObject } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Call } from '../wire/call.ts';
import { badRequest, conflict, notFound } from '../wire/status-error.ts';
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
    checkUid(call, next, previous);
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

/** Who sends the whole object means the very one that it read. */
function checkUid(call: Call, object: ApiObject, previous: ApiObject): void {
  const { uid = '' } = object.metadata;
  if (uid === '' || uid === previous.metadata.uid) return;
  const { resource, namespace, name } = call;
  const place = [resource.group, resource.plural, namespace, name].filter((part) => part !== '').join('/');
  const problem = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid ?? ''}`;
  const error = `StorageError: invalid object, Code: 4, Key: /registry/${place}, ResourceVersion: 0, AdditionalErrorMsg: ${problem}`;
  throw conflict(resource, name, error);
}

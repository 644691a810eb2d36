/** Admission of what is posted to a subresource: an Eviction, a Binding, a TokenRequest. */
import { type JsonObject, objectAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Call } from '../wire/call.ts';
import { createOptions } from '../writes/create.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { kindOf } from './admission.ts';

/** What was posted, as admission leaves it. Rejects with a StatusError where it is refused. */
export async function admitAction(parts: ServerParts, call: Call, body: JsonObject): Promise<ApiObject> {
  const { group, version, kind } = kindOf(call, call.resource);
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const posted: ApiObject = { kind, apiVersion, ...body, metadata: objectAt(body, 'metadata') };
  const attributes = {
    operation: 'CREATE',
    call,
    previous: undefined,
    options: createOptions(call),
  } as const;
  const object = await parts.admission.admit({ ...attributes, object: posted });
  await parts.admission.validate({ ...attributes, object });
  return object;
}

/** What every write needs of the server, and what creating and changing objects have in common. */
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { Admission } from '../admission/admission.ts';
import type { FieldManager } from '../apply/field-manager.ts';
import type { JsonObject } from '../json/json.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { withMeta } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import type { Call } from '../wire/call.ts';
import { badRequest } from '../wire/status-error.ts';

/** The parts of the server that handlers work with. */
export interface ServerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly registry: Registry;
  readonly fields: FieldManager;
  readonly admission: Admission;
}

/** The object that a body means; unknown fields are refused, warned of or ignored as the call says. */
export function readBody(call: Call, body: JsonObject, previous?: ApiObject): ApiObject {
  checkKind(call.resource, body);
  const { object, unknownFields } = call.resource.codec.decode(body, previous);
  if (unknownFields.length > 0) reportUnknown(call, unknownFields);
  return object;
}

function checkKind(resource: Resource, body: JsonObject): void {
  const { kind = resource.kind, apiVersion = resource.apiVersion } = body;
  if (kind === '' || apiVersion === '' || (kind === resource.kind && apiVersion === resource.apiVersion))
    return;
  if (apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
  const version = JSON.stringify(resource.version);
  throw badRequest(
    `${String(kind)} in version ${version} cannot be handled as a ${resource.kind}: unknown conversion`,
  );
}

function reportUnknown(call: Call, unknownFields: readonly string[]): void {
  const texts = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (call.fieldValidation === 'Warn') call.warnings.push(...texts);
  if (call.fieldValidation !== 'Strict') return;
  const { kind, version } = call.resource;
  const problem = `strict decoding error: ${texts.join(', ')}`;
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${problem}`,
  );
}

/** The object in the namespace of the request; BadRequest where it says another. */
export function inNamespace(call: Call, object: ApiObject): ApiObject {
  const { namespace = '' } = object.metadata;
  const wanted = call.resource.namespaced ? call.namespace : '';
  if (namespace === wanted) return object;
  if (namespace !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return withMeta(object, { namespace: wanted });
}

/** In the form in which it is stored. */
export function toStorage(resource: Resource, object: ApiObject): ApiObject {
  return resource.view === undefined ? object : resource.view.toStorage(object);
}

/** In the form of the resource's version. */
export function fromStorage(resource: Resource, object: ApiObject): ApiObject {
  return resource.view === undefined ? object : resource.view.fromStorage(object);
}

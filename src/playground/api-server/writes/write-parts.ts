/** What every write needs of the server, and what creating and changing objects have in common. */
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { Admission } from '../admission/admission.ts';
import type { FieldManager } from '../apply/field-manager.ts';
import { type JsonObject, textAt } from '../json/json.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { withMeta } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';
import { invalid, invalidObject } from '../validation/field-error.ts';
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
  reportFields(
    call,
    unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`),
  );
  return object;
}

function checkKind(resource: Resource, body: JsonObject): void {
  const { kind = resource.kind, apiVersion = resource.apiVersion } = body;
  if (kind === '' || apiVersion === '') return;
  if (resource.customSchema === undefined) checkBuiltinKind(resource, String(kind), String(apiVersion));
  else checkCustomKind(resource, { body, kind: String(kind), apiVersion: String(apiVersion) });
}

function checkBuiltinKind(resource: Resource, kind: string, apiVersion: string): void {
  if (kind === resource.kind && apiVersion === resource.apiVersion) return;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  const problem =
    apiVersion === resource.apiVersion
      ? `converting (${version}.${kind}) to (${internalGroup(resource)}.${resource.kind}): unknown conversion`
      : `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  throw badRequest(`${kind} in version "${version}" cannot be handled as a ${resource.kind}: ${problem}`);
}

/** As the packages of the server's own types are called. */
function internalGroup({ group }: Resource): string {
  return group === '' ? 'core' : (group.split('.', 1)[0] ?? group);
}

interface NamedBody {
  readonly body: JsonObject;
  readonly kind: string;
  readonly apiVersion: string;
}

function checkCustomKind(resource: Resource, { body, kind, apiVersion }: NamedBody): void {
  if (apiVersion !== resource.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
  if (kind === resource.kind) return;
  const error = invalid('kind', kind, `must be ${resource.kind}`);
  throw invalidObject({ group: resource.group, kind }, textAt(body, 'metadata', 'name'), [error]);
}

/** Refuses, warns of or ignores what is odd about the fields of a body, as the call says. */
export function reportFields(call: Call, texts: readonly string[]): void {
  if (texts.length === 0) return;
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

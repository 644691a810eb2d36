/** Creation of objects. */
import type { ObjectMeta } from '#apis/kubernetes/object.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import type { JsonObject } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import { type ApiObject, revisionOf, storageKeyOf, withMeta, withoutMeta } from '../storage/api-object.ts';
import { invalidObject } from '../validation/field-error.ts';
import { finalizerNameErrors, metaErrors } from '../validation/object-meta.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, alreadyExists } from '../wire/status-error.ts';
import { randomSuffix } from './random-suffix.ts';
import { type ServerParts, fromStorage, inNamespace, readBody, toStorage } from './write-parts.ts';

const MAX_PREFIX_LENGTH = 58;
/** So often another name is tried where the generated one is taken. */
const NAME_ATTEMPTS = 8;

/** Creates the object of a body. */
export async function createObject(parts: ServerParts, call: Call, body: JsonObject): Promise<ApiObject> {
  const object = inNamespace(call, withoutSystemFields(readBody(call, body)));
  const scope = fieldScopeOf(call.resource, call.subresource);
  return createTracked(
    parts,
    call,
    parts.fields.update(scope, { live: undefined, object, name: call.fieldManager }),
  );
}

/** Creates an object that has been read and whose fields have their owners. */
export async function createTracked(parts: ServerParts, call: Call, object: ApiObject): Promise<ApiObject> {
  if (object.metadata.resourceVersion !== undefined && revisionOf(object) !== 0) throw versionOnCreate();
  const options = createOptions(call);
  const admitted = await parts.admission.admit({
    operation: 'CREATE',
    call,
    object,
    previous: undefined,
    options,
  });
  return storeNew(parts, call, withSystemFields(parts, admitted));
}

/** The last steps, once more with another name where a generated one is taken. */
async function storeNew(parts: ServerParts, call: Call, object: ApiObject): Promise<ApiObject> {
  const { resource } = call;
  const isGenerated = (object.metadata.name ?? '') === '' && (object.metadata.generateName ?? '') !== '';
  for (let attempt = 1; ; attempt += 1) {
    const named = isGenerated ? withGeneratedName(parts.random, object) : object;
    const prepared = resource.rules.prepareCreate(named);
    checkNew(call, prepared);
    await parts.admission.validate({
      operation: 'CREATE',
      call,
      object: prepared,
      previous: undefined,
      options: createOptions(call),
    });
    const stored = toStorage(resource, prepared);
    const present = parts.store.collection(resource.stored).get(storageKeyOf(stored));
    if (present === undefined) {
      return call.dryRun ? prepared : fromStorage(resource, parts.store.create(resource.stored, stored));
    }
    if (!isGenerated || attempt === NAME_ATTEMPTS) throw taken(call, prepared, present);
  }
}

function taken(call: Call, object: ApiObject, present: ApiObject): StatusError {
  const name = object.metadata.name ?? '';
  const isGenerated = (object.metadata.generateName ?? '') !== '';
  const suffix = isGenerated ? ', the server was not able to generate a unique name for the object' : '';
  const error = alreadyExists(call.resource, name, suffix);
  if (present.metadata.deletionTimestamp === undefined) return error;
  const { details } = error.status;
  const message = `object is being deleted: ${error.message}`;
  return new StatusError(409, 'AlreadyExists', { message, ...(details === undefined ? {} : { details }) });
}

function checkNew(call: Call, object: ApiObject): void {
  const { resource } = call;
  const { rules } = resource;
  const errors = [
    ...metaErrors(object.metadata, resource.namespaced, rules.nameProblems),
    ...(resource.customSchema === undefined ? finalizerNameErrors(object.metadata) : []),
    ...rules.validateCreate(object),
  ];
  if (errors.length > 0) throw invalidObject(resource, object.metadata.name ?? '', errors);
  call.warnings.push(...rules.warnings(object, undefined));
}

/** What a client may not decide. */
function withoutSystemFields(object: ApiObject): ApiObject {
  return withoutMeta(
    object,
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  );
}

function withSystemFields(parts: ServerParts, object: ApiObject): ApiObject {
  const system: Partial<ObjectMeta> = {
    uid: parts.random.uuid(),
    creationTimestamp: rfc3339(parts.clock.now()),
  };
  return withMeta(object, system);
}

function withGeneratedName(random: Random, object: ApiObject): ApiObject {
  const prefix = (object.metadata.generateName ?? '').slice(0, MAX_PREFIX_LENGTH);
  return withMeta(object, { name: `${prefix}${randomSuffix(random)}` });
}

/** What webhooks see as the options of a creation. */
export function createOptions(call: Call): JsonObject {
  return { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', ...writeOptions(call) };
}

export function writeOptions(call: Call): JsonObject {
  const fieldManager = call.query.get('fieldManager');
  const fieldValidation = call.query.get('fieldValidation');
  return {
    ...(call.dryRun ? { dryRun: ['All'] } : {}),
    ...(fieldManager === null ? {} : { fieldManager }),
    ...(fieldValidation === null ? {} : { fieldValidation }),
  };
}

function versionOnCreate(): StatusError {
  return new StatusError(500, '', { message: 'resourceVersion should not be set on objects to be created' });
}

/** Server-side apply: create or change an object by stating the fields that the caller cares about. */
import { applyConflict } from '../apply/apply-conflict.ts';
import { withManagers } from '../apply/field-manager.ts';
import { DuplicateItemError } from '../apply/merge.ts';
import { typeErrors } from '../apply/type-check.ts';
import { yieldToLastApplied, withLastApplied } from '../apply/last-applied.ts';
import { type JsonObject, isEmptyObject, isPresent, objectAt, textAt } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import { type ApiObject, withoutMeta } from '../storage/api-object.ts';
import { invalidObject, required } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, badRequest } from '../wire/status-error.ts';
import { createTracked } from './create.ts';
import { findStored, updateObject } from './update.ts';
import { type ServerParts, inNamespace, readBody } from './write-parts.ts';

export interface ApplyResult {
  readonly object: ApiObject;
  readonly isNew: boolean;
}

/** Applies a configuration to the object of a call. */
export async function applyObject(parts: ServerParts, call: Call, applied: JsonObject): Promise<ApplyResult> {
  checkRequest(call, applied);
  if (findStored(parts, call) === undefined && call.subresource === '') {
    const blank = blankOf(call);
    // A version says what to change; there is nothing to change yet.
    const object = withoutMeta(applyTo(parts, call, { live: blank, applied }), 'resourceVersion');
    return { object: await createTracked(parts, call, inNamespace(call, object)), isNew: true };
  }
  const object = await updateObject(parts, call, (previous) =>
    applyTo(parts, call, { live: previous, applied }),
  );
  return { object, isNew: false };
}

function blankOf(call: Call): ApiObject {
  const { apiVersion, kind } = call.resource;
  return {
    ...call.resource.codec.blank,
    apiVersion,
    kind,
    // The path of a Namespace names itself as the namespace.
    metadata: { name: call.name, ...(call.resource.namespaced ? { namespace: call.namespace } : {}) },
  };
}

interface Application {
  readonly live: ApiObject;
  readonly applied: JsonObject;
}

function applyTo(parts: ServerParts, call: Call, { live, applied }: Application): ApiObject {
  const scope = fieldScopeOf(call.resource, call.subresource);
  const force = call.query.get('force') === 'true';
  const change = { live, applied, name: call.fieldManager };
  try {
    const outcome = parts.fields.apply(scope, { ...change, force });
    const conflicts = force ? [] : yieldToLastApplied(scope.node, change, outcome.conflicts);
    if (conflicts.length > 0) throw applyConflict(conflicts);
    const read = readBody(call, withLastApplied(change, outcome.object), live);
    return withManagers(read, outcome.managers);
  } catch (error) {
    if (error instanceof DuplicateItemError) throw typedPatchError(applied, error.message);
    throw error;
  }
}

function checkRequest(call: Call, applied: JsonObject): void {
  if (!call.query.has('fieldManager')) {
    const error = required('fieldManager', 'is required for apply patch');
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error]);
  }
  checkAppliedKind(call, applied);
  const name = textAt(applied, 'metadata', 'name');
  if (name !== '' && name !== call.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  }
  const [problem] = typeErrors(call.resource.node, applied);
  if (problem !== undefined && !isEmptyObject(applied)) throw typedPatchError(applied, problem);
}

function checkAppliedKind({ resource }: Call, applied: JsonObject): void {
  const apiVersion = textAt(applied, 'apiVersion');
  const isUnnamed = apiVersion === '' && textAt(applied, 'kind') === '';
  if (apiVersion !== resource.apiVersion && !isUnnamed) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${resource.apiVersion}`,
    );
  }
  if (isPresent(objectAt(applied, 'metadata')['managedFields']))
    throw badRequest('metadata.managedFields must be nil');
  if (applied['kind'] !== resource.kind) throw badRequest(`invalid object type: ${kindText(applied)}`);
}

/** `apps/v1, Kind=Deployment`, and `/v1, Kind=Pod` for the core group. */
function kindText(applied: JsonObject): string {
  const apiVersion = textAt(applied, 'apiVersion');
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${textAt(applied, 'kind')}`;
}

function typedPatchError(applied: JsonObject, problem: string): StatusError {
  const { namespace = '', name = '' } = objectAt(applied, 'metadata');
  const place = `${String(namespace)}/${String(name)}; ${kindText(applied)}`;
  return new StatusError(500, '', { message: `failed to create typed patch object (${place}): ${problem}` });
}

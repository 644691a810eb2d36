/** PATCH: the three kinds of patches that are computed from the stored object. Server-side apply is in apply.ts. */
import { messageOf } from '#errors/kc-error.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type JsonObject, isList, isObject } from '../json/json.ts';
import { type PatchOperation, applyJsonPatch, readOperations } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { PatchError, unfitPatch } from '../patch/patch-error.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import { invalid, invalidObject } from '../validation/field-error.ts';
import { jsonProblem } from '../wire/body.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, badRequest, unknownPatchType, unsupportedMediaType } from '../wire/status-error.ts';
import { updateObject } from './update.ts';
import { named } from './put.ts';
import { type ServerParts, inNamespace, readBody } from './write-parts.ts';

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

const MAX_OPERATIONS = 10_000;

/** A patch that has been read: what it makes of an object. */
export type PatchFunction = (object: ApiObject) => JsonObject;

const ALL_PATCHES: readonly string[] = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];

/** The media types that a resource takes for patches; custom resources have no strategic ones. */
function patchTypesOf(call: Call): readonly string[] {
  return call.resource.customSchema === undefined
    ? ALL_PATCHES
    : ALL_PATCHES.filter((type) => type !== STRATEGIC_PATCH);
}

/** Reads the body of a patch. Throws a StatusError where it is none. */
export function readPatch(call: Call, contentType: string, body: string): PatchFunction {
  if (!patchTypesOf(call).includes(contentType)) throw wrongPatchType(call, contentType);
  const patch = parsePatch(body);
  if (contentType === JSON_PATCH) return jsonPatch(patch);
  if (!isObject(patch)) throw badRequest('error decoding patch: the patch is not an object');
  return patchFunction(call, contentType, patch);
}

/** The router answers for what no kind takes, the handler for what this kind does not. */
function wrongPatchType(call: Call, contentType: string): StatusError {
  return ALL_PATCHES.includes(contentType)
    ? unsupportedMediaType(patchTypesOf(call).join(', '))
    : unknownPatchType();
}

/** The function of a merge or strategic merge patch that is an object already. */
export function patchFunction(call: Call, contentType: string, patch: JsonObject): PatchFunction {
  if (contentType === MERGE_PATCH) return (object) => applyMergePatch(object, patch) as JsonObject;
  return (object) => {
    try {
      return applyStrategicMergePatch(call.resource.node, object, patch);
    } catch (error) {
      throw error instanceof PatchError ? new StatusError(500, '', { message: error.message }) : error;
    }
  };
}

function parsePatch(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw badRequest(`error decoding patch: ${jsonProblem(error)}`);
  }
}

function jsonPatch(patch: unknown): PatchFunction {
  if (isList(patch) && patch.length > MAX_OPERATIONS) {
    const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', { message });
  }
  const operations = operationsOf(patch);
  return (object) => {
    try {
      const result = applyJsonPatch(object, operations);
      if (isObject(result)) return result;
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
    }
    throw unfitPatch();
  };
}

function operationsOf(patch: unknown): readonly PatchOperation[] {
  try {
    return readOperations(patch);
  } catch (error) {
    throw badRequest(`error decoding patch: ${messageOf(error)}`);
  }
}

/** Patches the object of a call. */
export async function patchObject(parts: ServerParts, call: Call, patch: PatchFunction): Promise<ApiObject> {
  const scope = fieldScopeOf(call.resource, call.subresource);
  return updateObject(parts, call, (previous) => {
    const object = named(call, inNamespace(call, readPatched(call, patch(previous), previous)));
    return parts.fields.update(scope, { live: previous, object, name: call.fieldManager });
  });
}

/** A patch whose result cannot be read is invalid rather than a bad request. */
function readPatched(call: Call, patched: JsonObject, previous: ApiObject): ApiObject {
  try {
    return readBody(call, patched, previous);
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error;
    const problem = error.message.slice(error.message.indexOf(': ') + 2);
    throw invalidObject({ group: '', kind: '' }, '', [invalid('patch', JSON.stringify(patched), problem)]);
  }
}

/** What is said to a webhook, and how its answer is understood. */
import { type Attributes, kindOf, namespaceOf } from '../admission/admission.ts';
import { type JsonObject, asList, asText, isObject, isPresent, objectAt } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { fromStorage, toStorage } from '../writes/write-parts.ts';
import type { Hook } from './hook.ts';

const GROUP = 'admission.k8s.io';

/** A hook with the version of the resource in which it sees the objects. */
export interface Invocation {
  readonly hook: Hook;
  readonly resource: Resource;
}

export interface WebhookAnswer {
  readonly isAllowed: boolean;
  /** The Status of a refusal. */
  readonly result: JsonObject;
  readonly warnings: readonly string[];
  /** A JSON patch as text; empty where there is none. */
  readonly patch: string;
  readonly patchType: string;
}

/** The request of an AdmissionReview. */
export function requestOf({ resource }: Invocation, attributes: Attributes, uid: string): JsonObject {
  const { call, operation, object, previous, options } = attributes;
  const { user, subresource } = call;
  const name = object?.metadata.name ?? call.name;
  const namespace = namespaceOf(attributes);
  return {
    uid,
    kind: kindOf(call, resource),
    resource: resourceNames(resource),
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(call, call.resource),
    requestResource: resourceNames(call.resource),
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: user,
    object: object === undefined ? null : inVersion(call.resource, resource, object),
    oldObject: previous === undefined ? null : inVersion(call.resource, resource, previous),
    dryRun: call.dryRun,
    options,
  };
}

function resourceNames({ group, version, plural }: Resource): JsonObject {
  return { group, version, resource: plural };
}

/** The object of one version of a resource in another version. */
export function inVersion(from: Resource, to: Resource, object: ApiObject): ApiObject {
  return from === to ? object : fromStorage(to, toStorage(from, object));
}

/** The version of AdmissionReview that a hook understands. */
export function reviewVersionOf(hook: Hook): string {
  const version = hook.reviewVersions.find((candidate) => candidate === 'v1' || candidate === 'v1beta1');
  if (version === undefined) {
    throw new Error(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  }
  return version;
}

export function reviewOf(version: string, request: JsonObject): JsonObject {
  return { kind: 'AdmissionReview', apiVersion: `${GROUP}/${version}`, request };
}

interface Expected {
  readonly hook: Hook;
  readonly version: string;
  readonly uid: string;
}

/** Reads the AdmissionReview of an answer. Throws where it is not what was asked for. */
export function readAnswer(review: unknown, expected: Expected): WebhookAnswer {
  const response = isObject(review) ? review['response'] : undefined;
  if (!isObject(review) || !isObject(response)) throw new Error('webhook response was absent');
  if (expected.version === 'v1') checkIdentity(review, response, expected.uid);
  const patch = Buffer.from(asText(response['patch']), 'base64').toString('utf8');
  const patchType =
    expected.version === 'v1' ? asText(response['patchType']) : patch === '' ? '' : 'JSONPatch';
  checkPatch(expected.hook, response, patch);
  return {
    isAllowed: response['allowed'] === true,
    result: objectAt(response, 'status'),
    warnings: asList(response['warnings']).map(asText),
    patch,
    patchType,
  };
}

function checkIdentity(review: JsonObject, response: JsonObject, uid: string): void {
  const found = asText(response['uid']);
  if (found !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(found)}`);
  }
  const { apiVersion, kind } = review;
  if (apiVersion === `${GROUP}/v1` && kind === 'AdmissionReview') return;
  throw new Error(
    `expected webhook response of ${GROUP}/v1, Kind=AdmissionReview, got ${asText(apiVersion)}, Kind=${asText(kind)}`,
  );
}

function checkPatch({ kind }: Hook, response: JsonObject, patch: string): void {
  const hasType = isPresent(response['patchType']);
  if (kind === 'validating') {
    if (patch !== '') throw new Error('validating webhook may not return response.patch');
    if (hasType) throw new Error('validating webhook may not return response.patchType');
    return;
  }
  if (patch !== '' && !hasType) throw new Error('webhook returned response.patch but not response.patchType');
  if (patch === '' && hasType) throw new Error('webhook returned response.patchType but not response.patch');
}

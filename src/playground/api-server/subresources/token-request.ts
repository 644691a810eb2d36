/** `serviceaccounts/token`: a token for a service account. */
import type { BoundObject, ServiceAccountTokens } from '../access/service-account-tokens.ts';
import { ISSUER } from '../access/service-account-tokens.ts';
import { admitAction } from '../admission/action-admission.ts';
import { rfc3339 } from '#platform/clock.ts';
import { type JsonObject, asList, asNumber, asText, isObject, objectAt, textAt } from '../json/json.ts';
import { type ApiObject, storageKey } from '../storage/api-object.ts';
import { type FieldErrors, NO_ERRORS, invalid, invalidObject } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { badRequest, conflict, notFound } from '../wire/status-error.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { requireObject } from '../writes/update.ts';

const KIND = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const PLURALS: Readonly<Record<BoundObject['kind'], string>> = {
  Pod: 'pods',
  Secret: 'secrets',
  Node: 'nodes',
};

/** Answers a TokenRequest for the service account of a call. */
export async function requestToken(
  parts: ServerParts & { readonly tokens: ServiceAccountTokens },
  call: Call,
  body: JsonObject,
): Promise<JsonObject> {
  const { name, namespace } = call;
  checkName(call, objectAt(body, 'metadata'));
  const account = requireObject(parts, call);
  const request = await admitAction(parts, call, body);
  const spec = objectAt(request, 'spec');
  const named = asList(spec['audiences']).map(asText);
  const audiences = named.length === 0 ? [ISSUER] : named;
  const expirationSeconds = asNumber(spec['expirationSeconds']) ?? DEFAULT_SECONDS;
  const errors = secondsErrors(expirationSeconds);
  if (errors.length > 0) throw invalidObject(KIND, '', errors);
  const uid = account.metadata.uid ?? '';
  const bound = boundObject(parts, call, spec['boundObjectRef']);
  const token = parts.tokens.issue({ namespace, name, uid, audiences, expirationSeconds, bound });
  const nowMs = parts.clock.now();
  return {
    kind: KIND.kind,
    apiVersion: `${KIND.group}/v1`,
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: rfc3339(nowMs) },
    spec: { audiences, expirationSeconds, boundObjectRef: spec['boundObjectRef'] ?? null },
    status: { token, expirationTimestamp: rfc3339(nowMs + expirationSeconds * 1000) },
  };
}

function checkName(call: Call, metadata: JsonObject): void {
  for (const key of ['name', 'namespace'] as const) {
    const said = asText(metadata[key]);
    if (said === '' || said === call[key]) continue;
    const error = invalid(`metadata.${key}`, said, `must match the service account ${key} if specified`);
    throw invalidObject(KIND, call.name, [error]);
  }
}

function secondsErrors(seconds: number): FieldErrors {
  const field = 'spec.expirationSeconds';
  if (seconds < MIN_SECONDS)
    return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > MAX_SECONDS
    ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : NO_ERRORS;
}

/** The object whose life the token shares. Throws a StatusError where it cannot. */
function boundObject(parts: ServerParts, call: Call, reference: unknown): BoundObject | undefined {
  if (!isObject(reference)) return undefined;
  const kind = asText(reference['kind']);
  if (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node') {
    const apiVersion = asText(reference['apiVersion']);
    throw badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`);
  }
  const resource = { group: '', plural: PLURALS[kind] };
  const name = asText(reference['name']);
  const key = storageKey(kind === 'Node' ? '' : call.namespace, name);
  const object = parts.store.collection(resource).get(key);
  if (object === undefined) throw notFound(resource, name);
  checkBound(call, object, reference);
  return { kind, name, uid: object.metadata.uid ?? '' };
}

function checkBound(call: Call, object: ApiObject, reference: JsonObject): void {
  const { name = '', uid = '' } = object.metadata;
  if (object.kind === 'Pod' && textAt(object, 'spec', 'serviceAccountName') !== call.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(call.name)} to pod running with different serviceaccount name.`,
    );
  }
  const wanted = asText(reference['uid']);
  if (wanted === '' || wanted === uid) return;
  const problem = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflict({ group: '', plural: object.kind ?? '' }, name, problem);
}

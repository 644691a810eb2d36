/** SubjectAccessReview and its kin: may somebody do something? */
import type { Authorizer } from '../access/access.ts';
import type { AccessRequest } from '../access/access-request.ts';
import type { UserInfo } from '../access/user-info.ts';
import { type JsonObject, asList, asText, isObject, objectAt } from '../json/json.ts';
import { type FieldErrors, NO_ERRORS, invalid, invalidObject } from '../validation/field-error.ts';

const GROUP = 'authorization.k8s.io';

export type ReviewKind = 'subject' | 'self' | 'local';

/** The status of a review. Throws Invalid where the spec makes no sense. */
export function reviewAccess(
  authorizer: Authorizer,
  spec: JsonObject,
  {
    kind,
    caller,
    namespace,
  }: { readonly kind: ReviewKind; readonly caller: UserInfo; readonly namespace: string },
): JsonObject {
  const errors = [
    ...attributeErrors(spec),
    ...subjectErrors(spec, kind),
    ...localErrors(spec, kind, namespace),
  ];
  if (errors.length > 0) throw invalidObject({ group: GROUP, kind: '' }, '', errors);
  const user = kind === 'self' ? caller : subjectOf(spec);
  const { isAllowed, reason } = authorizer.decide(requestOf(spec, user));
  return { allowed: isAllowed, ...(reason === '' ? {} : { reason }) };
}

function attributeErrors(spec: JsonObject): FieldErrors {
  const hasResource = isObject(spec['resourceAttributes']);
  const hasPath = isObject(spec['nonResourceAttributes']);
  if (hasResource && hasPath) {
    const { path, verb } = spec['nonResourceAttributes'] as JsonObject;
    const shown = { Path: asText(path), Verb: asText(verb) };
    const problem = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', shown, problem)];
  }
  if (hasResource || hasPath) return NO_ERRORS;
  const problem = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalid('spec.resourceAttributes', null, problem)];
}

function subjectErrors(spec: JsonObject, kind: ReviewKind): FieldErrors {
  const hasSubject = asText(spec['user']) !== '' || asList(spec['groups']).length > 0;
  if (kind === 'self' || hasSubject) return NO_ERRORS;
  return [invalid('spec.user', '', 'at least one of user or group must be specified')];
}

function localErrors(spec: JsonObject, kind: ReviewKind, namespace: string): FieldErrors {
  if (kind !== 'local') return NO_ERRORS;
  const wanted = asText(objectAt(spec, 'resourceAttributes')['namespace']);
  if (wanted === namespace) return NO_ERRORS;
  return [invalid('spec.resourceAttributes.namespace', wanted, 'must match metadata.namespace')];
}

function subjectOf(spec: JsonObject): UserInfo {
  const uid = asText(spec['uid']);
  return {
    username: asText(spec['user']),
    groups: asList(spec['groups']).map(asText),
    ...(uid === '' ? {} : { uid }),
  };
}

function requestOf(spec: JsonObject, user: UserInfo): AccessRequest {
  const about = objectAt(spec, 'resourceAttributes');
  const text = (name: string): string => asText(about[name]);
  const path = objectAt(spec, 'nonResourceAttributes');
  const base = {
    user,
    group: text('group'),
    version: text('version'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
  if (isObject(spec['resourceAttributes'])) return { ...base, verb: text('verb'), path: '' };
  return { ...base, verb: asText(path['verb']), path: asText(path['path']) };
}

/** Acting as somebody else, for those who may. */
import type { Headers } from '../wire/response.ts';
import { type StatusError, badRequest, forbidden } from '../wire/status-error.ts';
import { type Authorizer, refusalText } from './access.ts';
import type { AccessRequest } from './access-request.ts';
import { type UserInfo, serviceAccountUser } from './user-info.ts';

const EXTRA_PREFIX = 'impersonate-extra-';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS = 'system:anonymous';
const AUTHENTICATION = 'authentication.k8s.io';

/** The user as whom a request is carried out. Throws Forbidden where the requester may not act as that one. */
export function actingUser(requester: UserInfo, headers: Headers, authorizer: Authorizer): UserInfo {
  const wanted = impersonated(headers);
  if (wanted === undefined) return requester;
  for (const right of rightsFor(wanted, headers)) {
    const request = { ...BASE, ...right, user: requester };
    const decision = authorizer.decide(request);
    if (!decision.isAllowed) throw refused(request, decision.reason);
  }
  return wanted;
}

/** The user that the headers name; undefined where they name none. */
function impersonated(headers: Headers): UserInfo | undefined {
  const username = headers['impersonate-user'] ?? '';
  const uid = headers['impersonate-uid'];
  const extra = extraOf(headers);
  const named = groupsOf(headers);
  const hasMore = uid !== undefined || named.length > 0 || Object.keys(extra).length > 0;
  if (username === '') {
    if (!hasMore) return undefined;
    throw badRequest(`requested ${goUser(named, uid ?? '')} without impersonating a user name`);
  }
  return {
    username,
    groups: withImpliedGroups(username, named),
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** As Go prints a user in errors. */
function goUser(groups: readonly string[], uid: string): string {
  const list =
    groups.length === 0
      ? '[]string(nil)'
      : `[]string{${groups.map((name) => JSON.stringify(name)).join(', ')}}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list}, Extra:map[string][]string(nil)}`;
}

function groupsOf(headers: Headers): readonly string[] {
  const groups = (headers['impersonate-group'] ?? '').split(',').map((group) => group.trim());
  return groups.filter((group) => group !== '');
}

function extraOf(headers: Headers): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(headers)
    .filter(([name]) => name.startsWith(EXTRA_PREFIX))
    .map(([name, value]) => [decodeURIComponent(name.slice(EXTRA_PREFIX.length)), value.split(', ')]);
  return Object.fromEntries(entries) as Readonly<Record<string, readonly string[]>>;
}

/** Service accounts are in their groups, and everybody is authenticated or not. */
function withImpliedGroups(username: string, named: readonly string[]): readonly string[] {
  const account = accountOf(username);
  const base = named.length === 0 && account !== undefined ? serviceAccountUser(...account).groups : named;
  if (base.includes(AUTHENTICATED) || base.includes(UNAUTHENTICATED)) return base;
  return [...base, username === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED];
}

function accountOf(username: string): readonly [string, string] | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return namespace === undefined || name === undefined ? undefined : [namespace, name];
}

type Right = Pick<AccessRequest, 'group' | 'resource' | 'name'> & Partial<AccessRequest>;

function rightsFor(wanted: UserInfo, headers: Headers): readonly Right[] {
  const account = accountOf(wanted.username);
  const user: Right =
    account === undefined
      ? { group: '', resource: 'users', name: wanted.username }
      : { group: '', resource: 'serviceaccounts', namespace: account[0], name: account[1] };
  const extra = Object.entries(wanted.extra ?? {}).flatMap(([key, values]) =>
    values.map((name) => ({ group: AUTHENTICATION, resource: 'userextras', subresource: key, name })),
  );
  return [
    user,
    ...groupsOf(headers).map((name) => ({ group: '', resource: 'groups', name })),
    ...(wanted.uid === undefined ? [] : [{ group: AUTHENTICATION, resource: 'uids', name: wanted.uid }]),
    ...extra,
  ];
}

const BASE = { verb: 'impersonate', version: 'v1', subresource: '', namespace: '', path: '' };

function refused(request: AccessRequest, reason: string): StatusError {
  const { group, resource: plural, name } = request;
  return forbidden({ group, plural }, name, refusalText(request, reason));
}

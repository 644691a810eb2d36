/** Who may do what: the decisions that come before every request. */
import type { Headers } from '../wire/response.ts';
import type { AccessRequest } from './access-request.ts';
import type { PolicyRule } from './rbac-rules.ts';
import type { UserInfo } from './user-info.ts';

export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  decide(request: AccessRequest): Decision;
  /** Everything that the user may do in a namespace, where that can be told. */
  rulesFor?(user: UserInfo, namespace: string): readonly PolicyRule[];
}

export interface Authenticator {
  /** The user that the headers prove. Throws Unauthorized where they prove none. */
  authenticate(headers: Headers): UserInfo;
}

/** Lets everybody do everything. */
export const allowAll: Authorizer = {
  decide: () => ({ isAllowed: true, reason: '' }),
  rulesFor: () => ALL_RULES,
};

/** The rules of whoever may do everything. */
export const ALL_RULES: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

/** What a Forbidden answer says after `is forbidden: `. */
export function refusalText(request: AccessRequest, reason: string): string {
  const { user, verb, resource, subresource, group, namespace, path } = request;
  const who = `User ${JSON.stringify(user.username)}`;
  const tail = reason === '' ? '' : `: ${reason}`;
  if (resource === '') return `${who} cannot ${verb} path ${JSON.stringify(path)}${tail}`;
  const what = `${resource}${subresource === '' ? '' : `/${subresource}`}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scope}${tail}`;
}

/** Reads from the headers who makes a request. */
import type { Headers } from '../wire/response.ts';
import type { Authenticator } from './access.ts';
import { ADMIN, type UserInfo } from './user-info.ts';

const EXTRA_PREFIX = 'impersonate-extra-';
const AUTHENTICATED = 'system:authenticated';

/** Whoever brings no credentials is an administrator, who may act as somebody else. */
export class HeaderAuthenticator implements Authenticator {
  authenticate(headers: Headers): UserInfo {
    return impersonated(headers) ?? ADMIN;
  }
}

/** The user that the request is to be carried out as; undefined where it does not say. */
export function impersonated(headers: Headers): UserInfo | undefined {
  const username = headers['impersonate-user'];
  if (username === undefined || username === '') return undefined;
  const named = (headers['impersonate-group'] ?? '').split(',').map((group) => group.trim());
  const groups = [...named.filter((group) => group !== ''), ...impliedGroups(username)];
  const uid = headers['impersonate-uid'];
  const extra = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(EXTRA_PREFIX))
      .map(([name, value]) => [decodeURIComponent(name.slice(EXTRA_PREFIX.length)), [value]]),
  );
  return {
    username,
    groups: [...new Set(groups)],
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function impliedGroups(username: string): readonly string[] {
  const [, , namespace, name] = username.split(':');
  if (!username.startsWith('system:serviceaccount:') || name === undefined) {
    return username === 'system:anonymous' ? ['system:unauthenticated'] : [AUTHENTICATED];
  }
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace ?? ''}`, AUTHENTICATED];
}

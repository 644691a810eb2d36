/** Reads from the headers who makes a request. */
import type { Headers } from '../wire/response.ts';
import { unauthorized } from '../wire/status-error.ts';
import type { Authenticator } from './access.ts';
import { ISSUER, type ServiceAccountTokens } from './service-account-tokens.ts';
import { ADMIN, type UserInfo } from './user-info.ts';

const BEARER = /^bearer\s+(\S+)$/i;

/** Whoever brings a token is its service account; whoever brings nothing is an administrator. */
export class TokenAuthenticator implements Authenticator {
  readonly #tokens: ServiceAccountTokens;

  constructor(tokens: ServiceAccountTokens) {
    this.#tokens = tokens;
  }

  authenticate(headers: Headers): UserInfo {
    const { authorization } = headers;
    if (authorization === undefined) return ADMIN;
    const [, token = ''] = BEARER.exec(authorization) ?? [];
    const proven = this.#tokens.prove(token);
    if (proven?.audiences.includes(ISSUER) !== true) throw unauthorized();
    return proven.user;
  }
}

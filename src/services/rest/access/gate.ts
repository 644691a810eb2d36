/** Lets a request in, or says why not: who calls, whether they may, and whether they ask too often. */
import type { AccessKind } from '../route.ts';
import { AnsweredError } from '../problem.ts';
import type { BucketState, TokenBuckets } from '../token-buckets.ts';
import { type AllowRule, ANYBODY, type Authenticator, type Caller, mayRead, mayWrite } from './caller.ts';

export interface GateOptions {
  /** Undefined where authentication is switched off: then everybody may do everything. */
  readonly authenticator: Authenticator | undefined;
  readonly allow: AllowRule;
  /** Per caller. */
  readonly limits: TokenBuckets;
  /** Tokens that were not good, per address. */
  readonly guesses: TokenBuckets;
}

export interface Knock {
  readonly address: string;
  readonly authorization: string | undefined;
  readonly access: AccessKind;
  readonly weight: number;
}

const MAX_TOKEN_LENGTH = 8_192;
const CHALLENGE = { 'www-authenticate': 'Bearer realm="kcloud"' };

export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Rejects with 401, 403, 429, or what kept the API server from telling. */
  async admit(knock: Knock): Promise<Caller> {
    const caller = await this.#identify(knock);
    this.#authorize(caller, knock.access);
    const limited = caller === ANYBODY ? knock.address : caller.name;
    const { limits } = this.#options;
    refuseUnless(limits.take(limited, knock.weight), limits);
    return caller;
  }

  async #identify({ access, authorization, address }: Knock): Promise<Caller> {
    const { authenticator, guesses } = this.#options;
    if (access === 'public' || authenticator === undefined) return ANYBODY;
    const token = bearerToken(authorization);
    if (token === undefined) throw notAuthenticated('there is no bearer token');
    // Looked at before the API server is asked: guessing must not become its load.
    refuseUnless(guesses.look(address), guesses);
    const caller = await authenticator.authenticate(token);
    if (caller !== undefined) return caller;
    guesses.take(address);
    throw notAuthenticated('the API server does not accept the token');
  }

  #authorize(caller: Caller, access: AccessKind): void {
    const { authenticator, allow } = this.#options;
    if (access === 'public' || authenticator === undefined) return;
    const may = access === 'write' ? mayWrite(allow, caller) : mayRead(allow, caller);
    if (may) return;
    const flag = access === 'write' ? '--writer' : '--reader';
    throw new AnsweredError('KC_NOT_ALLOWED', `${caller.name} is not among those of ${flag}`);
  }
}

function refuseUnless({ granted, retryAfterSeconds }: BucketState, { limit }: TokenBuckets): void {
  if (granted) return;
  const problem = `at most ${limit.perSecond} requests a second, ${limit.burst} at once; costly ones count more`;
  throw new AnsweredError('KC_TOO_MANY_REQUESTS', problem, { 'retry-after': String(retryAfterSeconds) });
}

function bearerToken(authorization: string | undefined): string | undefined {
  const match = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization ?? '');
  const token = match?.[1];
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH ? token : undefined;
}

function notAuthenticated(problem: string): AnsweredError {
  return new AnsweredError('KC_NOT_AUTHENTICATED', problem, CHALLENGE);
}

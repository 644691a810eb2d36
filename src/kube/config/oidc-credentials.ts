/**
 * The `oidc` auth provider of a kubeconfig: an ID token, renewed with a refresh token at its issuer (OpenID Connect
 * Core 1.0 §12). kubectl writes renewed tokens back to the kubeconfig because many issuers accept a refresh
 * token only once; so does this.
 */
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Credential, Credentials } from '../transport/credentials.ts';
import { HttpTransport } from '../transport/http-transport.ts';
import { Fields } from './fields.ts';

export interface OidcProvider {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly idToken?: string;
  readonly refreshToken?: string;
  /** PEM of the authority that vouches for the issuer. */
  readonly ca?: string;
  /** Keeps what was renewed for the next process. */
  readonly save: (tokens: OidcTokens) => Promise<void>;
}

export interface OidcTokens {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
}

/** As kubectl: a token that is about to expire counts as expired. */
const EARLY_MS = 10_000;
const TIMEOUT_MS = 15_000;

export class OidcCredentials implements Credentials {
  readonly #provider: OidcProvider;
  readonly #clock: Clock;
  #tokens: { readonly idToken: string | undefined; readonly refreshToken: string | undefined };
  #refreshing: Promise<void> | undefined;

  constructor(provider: OidcProvider, clock: Clock) {
    this.#provider = provider;
    this.#clock = clock;
    this.#tokens = { idToken: provider.idToken, refreshToken: provider.refreshToken };
  }

  async current(): Promise<Credential> {
    const { idToken } = this.#tokens;
    if (idToken === undefined || this.#clock.now() > expiryMs(idToken) - EARLY_MS) await this.#renew();
    return { headers: { authorization: `Bearer ${this.#tokens.idToken ?? ''}` } };
  }

  async refresh(): Promise<boolean> {
    if (this.#tokens.refreshToken === undefined) return false;
    await this.#renew();
    return true;
  }

  #renew(): Promise<void> {
    this.#refreshing ??= this.#fetchTokens().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #fetchTokens(): Promise<void> {
    const { issuerUrl, clientId, clientSecret, save } = this.#provider;
    const { refreshToken } = this.#tokens;
    if (refreshToken === undefined)
      throw unavailable(issuerUrl, 'the ID token has expired and there is no refresh token');
    const discovery = await this.#call(`${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
    });
    if (clientSecret !== undefined) form.set('client_secret', clientSecret);
    const answer = await this.#call(discovery.requiredText('token_endpoint'), form.toString());
    const tokens = {
      idToken: answer.requiredText('id_token'),
      refreshToken: answer.text('refresh_token') ?? refreshToken,
    };
    this.#tokens = tokens;
    // A kubeconfig that cannot be written is no reason to stop; the next process may have to log in again.
    await save(tokens).catch(() => undefined);
  }

  /** Reads JSON from the issuer; posts `form` where there is one. */
  async #call(url: string, form?: string): Promise<Fields> {
    const { origin, pathname, search } = new URL(url);
    const { ca, issuerUrl } = this.#provider;
    const tls = ca === undefined ? {} : { ca };
    const transport = new HttpTransport({ server: origin, clock: this.#clock, tls: () => tls });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const how = form === undefined ? ({ method: 'GET' } as const) : ({ method: 'POST', body: form } as const);
    try {
      const answer = await transport.send({
        ...how,
        path: pathname + search,
        headers,
        timeoutMs: TIMEOUT_MS,
      });
      if (answer.status !== 200) throw new Error(`it answered ${String(answer.status)}`);
      return new Fields(JSON.parse(await answer.text()), url);
    } catch (cause) {
      throw unavailable(issuerUrl, messageOf(cause), cause);
    } finally {
      transport.close();
    }
  }
}

/** When a JSON web token ends; at once where that cannot be read. */
function expiryMs(token: string): number {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { exp } = payload as { readonly exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : 0;
  } catch {
    return 0;
  }
}

function unavailable(issuerUrl: string, problem: string, cause?: unknown): KcError {
  const fix = 'log in again with the tool that wrote the kubeconfig';
  return new KcError('KC_CREDENTIALS_UNAVAILABLE', {
    object: `OIDC issuer ${issuerUrl}`,
    problem,
    fix,
    cause,
  });
}

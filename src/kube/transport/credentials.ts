/** Who we are, as a transport needs to know it. */

/** What one request carries. A list stands for a header that is sent several times. */
export interface Credential {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** PEM of a client certificate and its key. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Hands out credentials, and gets new ones when the old no longer hold. */
export interface Credentials {
  /** What to send now; from memory while it is valid. Rejects with KC_CREDENTIALS_UNAVAILABLE. */
  current(): Promise<Credential>;
  /** The server answered 401 to what `current` gave. Returns whether there may be something better now. */
  refresh(): Promise<boolean>;
}

/** Credentials that never change. */
export function fixedCredentials(credential: Credential): Credentials {
  return { current: () => Promise.resolve(credential), refresh: () => Promise.resolve(false) };
}

/** No credentials at all. */
export const ANONYMOUS: Credentials = fixedCredentials({ headers: {} });

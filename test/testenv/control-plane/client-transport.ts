/** The transport of the product, to a test API server. */
import { type Credential, fixedCredentials } from '#kube/transport/credentials.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import { SystemClock } from '#platform/clock.ts';
import type { KeyPair } from './certificates.ts';

export interface TransportParts {
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  readonly user: KeyPair | { readonly token: string };
}

function credentialOf(user: TransportParts['user']): Credential {
  if ('token' in user) return { headers: { authorization: `Bearer ${user.token}` } };
  return { headers: {}, certificate: { cert: user.certificate, key: user.key } };
}

export function clientTransport({ url, authority, user }: TransportParts): HttpTransport {
  const tls = { ca: authority };
  return new HttpTransport({
    server: url,
    clock: new SystemClock(),
    tls: () => tls,
    credentials: fixedCredentials(credentialOf(user)),
    // The server is on this machine, whatever proxy the environment names.
    proxyUrl: '',
    userAgent: 'kcloud-testenv',
  });
}

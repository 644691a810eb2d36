/** Kubeconfigs as JSON, which is YAML. */
import type { KeyPair } from './certificates.ts';

export interface KubeconfigParts {
  readonly url: string;
  /** The PEM text of the authority that signed the server's certificate. */
  readonly authority: string;
  readonly user: KeyPair | { readonly token: string };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function kubeconfigText({ url, authority, user }: KubeconfigParts): string {
  const credentials =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'testenv', cluster: { server: url, 'certificate-authority-data': base64(authority) } },
    ],
    users: [{ name: 'testenv', user: credentials }],
    contexts: [{ name: 'testenv', context: { cluster: 'testenv', user: 'testenv' } }],
    'current-context': 'testenv',
  };
  return JSON.stringify(config, undefined, 2);
}

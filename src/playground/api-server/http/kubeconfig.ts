/** A kubeconfig for a listener of the playground. */
import { chmodSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly url: string;
  /** The context's namespace. */
  readonly namespace?: string;
  /** A bearer token; an administrator where it is absent. */
  readonly token?: string;
}

const NAME = 'playground';

/** The text of a kubeconfig with one context. */
export function playgroundKubeconfig({ url, namespace = 'default', token }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: url } }],
    users: [{ name: NAME, user: token === undefined ? {} : { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace } }],
    'current-context': NAME,
  });
}

/** Writes a kubeconfig that nobody else can read. */
export function writeKubeconfig(path: string, options: KubeconfigOptions): void {
  writeFileSync(path, playgroundKubeconfig(options), { mode: 0o600 });
  chmodSync(path, 0o600);
}

/** The files of one control plane, in a temporary folder that disappears with the process. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAtExit } from '../processes/reaper.ts';
import type { Certificates, KeyPair } from './certificates.ts';
import { kubeconfigText } from './kubeconfig.ts';

/** Names of the identities that have a kubeconfig from the start. */
export type Identity = 'admin' | 'controllerManager' | 'scheduler';

export interface Layout {
  readonly directory: string;
  /** The path of a certificate file, e.g. `file('authority.crt')`. */
  file(name: string): string;
  kubeconfig(identity: Identity): string;
}

const PAIRS = [
  'authority',
  'loopbackServer',
  'frontProxyAuthority',
  'frontProxyClient',
  'serviceAccounts',
] as const;
const IDENTITIES: readonly Identity[] = ['admin', 'controllerManager', 'scheduler'];

/** Writes `<pair>.crt`, `<pair>.key`, `serviceAccounts.pub` and `<identity>.kubeconfig`. */
export function createLayout(certificates: Certificates, url: string): Layout {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-testenv-'));
  removeAtExit(directory);
  mkdirSync(join(directory, 'etcd'), { mode: 0o700 });
  const file = (name: string): string => join(directory, name);
  const write = (name: string, text: string): void => {
    writeFileSync(file(name), text, { mode: 0o600 });
  };
  const writePair = (name: string, pair: KeyPair): void => {
    write(`${name}.crt`, pair.certificate);
    write(`${name}.key`, pair.key);
  };
  for (const name of PAIRS) writePair(name, certificates[name]);
  write('serviceAccounts.pub', certificates.serviceAccounts.publicKey);
  const authority = certificates.authority.certificate;
  for (const identity of IDENTITIES) {
    write(`${identity}.kubeconfig`, kubeconfigText({ url, authority, user: certificates[identity] }));
  }
  return { directory, file, kubeconfig: (identity) => file(`${identity}.kubeconfig`) };
}

/** The configuration of a process that runs in a pod. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#platform/clock.ts';
import type { TlsSettings } from '../transport/http-agents.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { TokenFile } from './token-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const REREAD_MS = 60_000;

/** The service account's configuration; undefined where this is not a pod. `folder` is for tests. */
export function inClusterConfig(
  environment: Environment,
  clock: Clock,
  folder = SERVICE_ACCOUNT,
): ClusterConfig | undefined {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment;
  const token = join(folder, 'token');
  if (host === '' || port === '' || !existsSync(token)) return undefined;
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: readOr(join(folder, 'namespace'), 'default'),
    tls: rereadingTls(join(folder, 'ca.crt'), clock),
    credentials: new TokenFile(token, clock),
    origin: 'the service account of this pod',
  };
}

/** The authority's certificate, read again now and then: clusters rotate it under running pods. */
function rereadingTls(path: string, clock: Clock): () => TlsSettings {
  let settings: TlsSettings = {};
  let readAtMs = -Infinity;
  return () => {
    if (clock.now() - readAtMs < REREAD_MS) return settings;
    readAtMs = clock.now();
    const ca = readOr(path, settings.ca ?? '');
    if (ca !== (settings.ca ?? '')) settings = { ca };
    return settings;
  };
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

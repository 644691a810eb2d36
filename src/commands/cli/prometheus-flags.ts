/** How a command reaches a store that speaks PromQL: Prometheus, Thanos, Mimir, VictoriaMetrics. */
import { readFileSync } from 'node:fs';
import { connectDirectly, type DirectConnection } from '#adapters/metrics/prometheus/client/connection.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { defineFlags, type FlagValues } from './flags.ts';

export const prometheusFlags = defineFlags({
  'prometheus-url': { type: 'text', env: ['PROMETHEUS_URL'], describe: 'address of a PromQL store, e.g. http://prometheus.monitoring:9090; its query parameters go with each call' },
  'prometheus-header': { type: 'list', env: ['PROMETHEUS_HEADERS'], describe: 'header for each query, e.g. "X-Scope-OrgID: team"; repeatable' },
  'prometheus-token-file': { type: 'text', env: ['PROMETHEUS_TOKEN_FILE'], describe: 'file with a bearer token, read anew for each query' },
  'prometheus-username': { type: 'text', env: ['PROMETHEUS_USERNAME'], describe: 'user for basic authentication' },
  'prometheus-password-file': { type: 'text', env: ['PROMETHEUS_PASSWORD_FILE'], describe: 'file with the password of that user' },
  'prometheus-ca-file': { type: 'text', env: ['PROMETHEUS_CA_FILE'], describe: 'certificate authority of the store, read anew for each query' },
  'prometheus-certificate-file': { type: 'text', env: ['PROMETHEUS_CERTIFICATE_FILE'], describe: 'client certificate for the store, read anew for each query' },
  'prometheus-key-file': { type: 'text', env: ['PROMETHEUS_KEY_FILE'], describe: 'key of that certificate' },
  'prometheus-insecure': { type: 'switch', env: ['PROMETHEUS_INSECURE'], describe: 'accept any certificate of the store: whoever stands between can read the token and make up usage' },
  'cluster-label': { type: 'list', env: ['CLUSTER_LABEL'], describe: 'label that names this cluster in a store of several, e.g. cluster=prod' },
  'prometheus-label': { type: 'list', env: ['PROMETHEUS_LABELS'], describe: 'label that all series must have, e.g. cluster=prod; repeatable' },
}); // prettier-ignore

type Values = FlagValues<typeof prometheusFlags>;

/** The endpoint that the flags name; undefined where they name none. Throws KC_CONFIG_INVALID. */
export function prometheusEndpoint(values: Values, clock: Clock): PrometheusEndpoint | undefined {
  const url = values['prometheus-url'];
  if (url === undefined) return undefined;
  const headers = pairs(values['prometheus-header'], { field: '--prometheus-header', separator: ':' });
  return connectDirectly({
    url,
    clock,
    headers,
    ...authorization(values),
    ...certificates(values),
    ...trust(values, url),
  });
}

/** The labels that all series must have. Throws KC_CONFIG_INVALID. */
export function prometheusMatchers(values: Values): Readonly<Record<string, string>> {
  return {
    ...pairs(values['prometheus-label'], { field: '--prometheus-label', separator: '=' }),
    ...pairs(values['cluster-label'], { field: '--cluster-label', separator: '=' }),
  };
}

function authorization(values: Values): Pick<DirectConnection, 'basicAuth' | 'bearerTokenFile'> {
  const username = values['prometheus-username'];
  const tokenFile = values['prometheus-token-file'];
  if (username !== undefined && tokenFile !== undefined)
    throw conflict(
      '--prometheus-token-file',
      'and --prometheus-username are two ways to say who one is: choose one',
    );
  if (tokenFile !== undefined) return { bearerTokenFile: readable(tokenFile, '--prometheus-token-file') };
  if (username === undefined) return {};
  const file = values['prometheus-password-file'];
  const password = file === undefined ? '' : readText(file, '--prometheus-password-file').trim();
  return { basicAuth: { username, password } };
}

function certificates(values: Values): Pick<DirectConnection, 'certificateFiles'> {
  const certificate = values['prometheus-certificate-file'];
  const key = values['prometheus-key-file'];
  if (certificate === undefined && key === undefined) return {};
  if (certificate === undefined || key === undefined)
    throw conflict('--prometheus-certificate-file', 'and --prometheus-key-file go together');
  return {
    certificateFiles: {
      certificate: readable(certificate, '--prometheus-certificate-file'),
      key: readable(key, '--prometheus-key-file'),
    },
  };
}

/** Whom to believe. Nothing is taken on trust unless that is said in so many words, and of a store that could show who it is. */
function trust(values: Values, url: string): Pick<DirectConnection, 'caFile' | 'tls'> {
  const caFile = values['prometheus-ca-file'];
  if (!values['prometheus-insecure'])
    return caFile === undefined ? {} : { caFile: readable(caFile, '--prometheus-ca-file') };
  if (caFile !== undefined)
    throw conflict('--prometheus-insecure', 'and --prometheus-ca-file contradict each other: choose one');
  if (!url.startsWith('https:'))
    throw conflict('--prometheus-insecure', 'means nothing for an address without https');
  return { tls: { insecure: true } };
}

function conflict(field: string, problem: string): KcError {
  return new KcError('KC_CONFIG_INVALID', { field, problem });
}

/** Told at once and not with the first query. */
function readable(file: string, field: string): string {
  readText(file, field);
  return file;
}

interface PairSyntax {
  readonly field: string;
  readonly separator: ':' | '=';
}

function pairs(texts: readonly string[], { field, separator }: PairSyntax): Record<string, string> {
  const read: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf(separator);
    if (at < 1) {
      throw new KcError('KC_CONFIG_INVALID', { field, problem: `"${text}" is not "name${separator} value"` });
    }
    read[text.slice(0, at).trim()] = text.slice(at + 1).trim();
  }
  return read;
}

function readText(file: string, field: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KcError('KC_CONFIG_INVALID', { field, problem: `cannot read ${file}`, cause: error });
  }
}

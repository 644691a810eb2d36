/** How a command reaches a store that speaks PromQL: Prometheus, Thanos, Mimir, VictoriaMetrics. */
import { readFileSync } from 'node:fs';
import { connectDirectly, type DirectConnection } from '#adapters/metrics/prometheus/client/connection.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { defineFlags, type FlagValues } from './flags.ts';

export const prometheusFlags = defineFlags({
  'prometheus-url': { type: 'text', env: ['PROMETHEUS_URL'], describe: 'address of a PromQL store, e.g. http://prometheus.monitoring:9090' },
  'prometheus-header': { type: 'list', env: ['PROMETHEUS_HEADERS'], describe: 'header for each query, e.g. "X-Scope-OrgID: team"; repeatable' },
  'prometheus-token-file': { type: 'text', env: ['PROMETHEUS_TOKEN_FILE'], describe: 'file with a bearer token, read anew for each query' },
  'prometheus-username': { type: 'text', env: ['PROMETHEUS_USERNAME'], describe: 'user for basic authentication' },
  'prometheus-password-file': { type: 'text', env: ['PROMETHEUS_PASSWORD_FILE'], describe: 'file with the password of that user' },
  'prometheus-ca-file': { type: 'text', env: ['PROMETHEUS_CA_FILE'], describe: 'certificate authority of the store' },
  'prometheus-label': { type: 'list', env: ['PROMETHEUS_LABELS'], describe: 'label that all series must have, e.g. cluster=prod; repeatable' },
}); // prettier-ignore

type Values = FlagValues<typeof prometheusFlags>;

/** The endpoint that the flags name; undefined where they name none. Throws KC_CONFIG_INVALID. */
export function prometheusEndpoint(values: Values, clock: Clock): PrometheusEndpoint | undefined {
  const url = values['prometheus-url'];
  if (url === undefined) return undefined;
  const tokenFile = values['prometheus-token-file'];
  const caFile = values['prometheus-ca-file'];
  return connectDirectly({
    url,
    clock,
    headers: pairs(values['prometheus-header'], { field: '--prometheus-header', separator: ':' }),
    ...basicAuth(values),
    ...(tokenFile === undefined ? {} : { bearerTokenFile: tokenFile }),
    ...(caFile === undefined ? {} : { tls: { ca: readText(caFile, '--prometheus-ca-file') } }),
  });
}

/** The labels that all series must have. */
export function prometheusMatchers(values: Values): Readonly<Record<string, string>> {
  return pairs(values['prometheus-label'], { field: '--prometheus-label', separator: '=' });
}

function basicAuth(values: Values): Pick<DirectConnection, 'basicAuth'> {
  const username = values['prometheus-username'];
  if (username === undefined) return {};
  const file = values['prometheus-password-file'];
  const password = file === undefined ? '' : readText(file, '--prometheus-password-file').trim();
  return { basicAuth: { username, password } };
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

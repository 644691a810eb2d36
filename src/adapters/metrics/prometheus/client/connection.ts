/** Ways to reach a metrics source: by its own address, or through the API server of its cluster. */
import { readFileSync } from 'node:fs';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Credentials } from '#kube/transport/credentials.ts';
import type { TlsSettings } from '#kube/transport/http-agents.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { PrometheusEndpoint } from './api-call.ts';

export type { PrometheusEndpoint } from './api-call.ts';

export interface DirectConnection {
  /**
   * E.g. `http://prometheus.monitoring:9090`, `https://mimir.example/prometheus`, or
   * `https://thanos.example?max_source_resolution=5m`, whose parameters go with each call.
   */
  readonly url: string;
  readonly clock: Clock;
  readonly basicAuth?: { readonly username: string; readonly password: string };
  readonly bearerToken?: string;
  /** Read anew for each query: tokens of service accounts are replaced every hour. */
  readonly bearerTokenFile?: string;
  /** PEM files of a client certificate and its key, read anew for each query. */
  readonly certificateFiles?: { readonly certificate: string; readonly key: string };
  /** PEM file of the authorities that may vouch for the store, read anew for each query. */
  readonly caFile?: string;
  /** Any names; e.g. `X-Scope-OrgID` for the tenant of a Mimir, `THANOS-TENANT` for that of a Thanos. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsSettings;
}

/**
 * A part that is missing lowers every peak unseen, so it is refused rather than left out: `partial_response` (Thanos; default
 * true) and `deny_partial_response` (VictoriaMetrics cluster). Pairs of replicas are one (`dedup`, Thanos), and times are
 * those asked for (`nocache`, VictoriaMetrics moves them to where its cache has them). Others ignore what they do not know.
 */
const WHOLE_ANSWERS = {
  partial_response: 'false',
  deny_partial_response: '1',
  dedup: 'true',
  nocache: '1',
} as const;

/** Connects to an address. Throws KC_CONFIG_INVALID where it is none. */
export function connectDirectly(connection: DirectConnection): PrometheusEndpoint {
  const { clock, headers = {} } = connection;
  const url = addressOf(connection.url);
  const path = url.pathname.replace(/\/$/, '');
  const unchecked = connection.tls?.insecure === true ? ' (certificate not verified)' : '';
  const transport = new HttpTransport({
    server: url.origin,
    clock,
    tls: tlsOf(connection),
    credentials: credentialsOf(connection, url),
  });
  return {
    name: `${url.origin}${path}${unchecked}`,
    transport,
    pathPrefix: path,
    headers: lowerCased(headers),
    parameters: { ...WHOLE_ANSWERS, ...Object.fromEntries(url.searchParams) },
  };
}

/** One and the same object until the file changes: connections are kept for it. */
function tlsOf({ caFile, tls = {} }: DirectConnection): () => TlsSettings {
  let held = tls;
  return () => {
    if (caFile === undefined) return held;
    const ca = readSecret(caFile);
    if (held.ca !== ca) held = { ...tls, ca };
    return held;
  };
}

/** A Service of the cluster and the port it is asked at. */
export interface ServiceAddress {
  readonly namespace: string;
  readonly name: string;
  readonly port: number | string;
  readonly scheme?: 'http' | 'https';
  /** What stands before `/api/v1`. */
  readonly pathPrefix?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects through the service proxy of an API server; needs the right to get `services/proxy`. */
export function connectThroughApiServer(transport: Transport, service: ServiceAddress): PrometheusEndpoint {
  const { namespace, name, port, scheme = 'http', pathPrefix = '', headers = {} } = service;
  // The API server takes `https:name:port`; http is its default.
  const target = scheme === 'https' ? `https:${name}:${String(port)}` : `${name}:${String(port)}`;
  const proxy = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(target)}/proxy`;
  return {
    name: `service ${namespace}/${name}:${String(port)}${pathPrefix}`,
    transport,
    pathPrefix: proxy + pathPrefix,
    headers: lowerCased(headers),
    parameters: WHOLE_ANSWERS,
    prefersGet: true,
  };
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    const problem = `"${text}" is not an http(s) address`;
    const fix = 'write one such as http://prometheus.monitoring:9090';
    throw new KcError('KC_CONFIG_INVALID', { field: 'metrics source', problem, fix });
  }
  return url;
}

function credentialsOf(connection: DirectConnection, url: URL): Credentials {
  const { certificateFiles } = connection;
  const authorization = authorizationOf(connection, url);
  return {
    current: async () => {
      const value = await authorization();
      const headers: Record<string, string> = value === undefined ? {} : { authorization: value };
      if (certificateFiles === undefined) return { headers };
      const { certificate, key } = certificateFiles;
      return { headers, certificate: { cert: readSecret(certificate), key: readSecret(key) } };
    },
    refresh: () => Promise.resolve(false),
  };
}

/** Of several ways the first: a token from a file, a token, a name and password, those in the address. */
function authorizationOf(connection: DirectConnection, url: URL): () => Promise<string | undefined> {
  const { basicAuth, bearerToken, bearerTokenFile } = connection;
  if (bearerTokenFile !== undefined) return () => bearerFrom(bearerTokenFile);
  const always = (value: string | undefined) => () => Promise.resolve(value);
  if (bearerToken !== undefined) return always(`Bearer ${bearerToken}`);
  const inAddress = {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const basic = basicAuth ?? (url.username === '' ? undefined : inAddress);
  if (basic === undefined) return always(undefined);
  return always(`Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`);
}

/** Rejects where it cannot be read, as a query that cannot be sent does. */
function bearerFrom(file: string): Promise<string> {
  return Promise.resolve().then(() => `Bearer ${readSecret(file).trim()}`);
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KcError('KC_CREDENTIALS_UNAVAILABLE', {
      object: file,
      problem: messageOf(error),
      cause: error,
    });
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Ways to reach a metrics source: by its own address, or through the API server of its cluster. */
import { readFileSync } from 'node:fs';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { type Credentials, fixedCredentials } from '#kube/transport/credentials.ts';
import type { TlsSettings } from '#kube/transport/http-agents.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { PrometheusEndpoint } from './api-call.ts';

export type { PrometheusEndpoint } from './api-call.ts';

export interface DirectConnection {
  /** E.g. `http://prometheus.monitoring:9090` or `https://mimir.example/prometheus`. */
  readonly url: string;
  readonly clock: Clock;
  readonly basicAuth?: { readonly username: string; readonly password: string };
  readonly bearerToken?: string;
  /** Read anew for each query: tokens of service accounts are replaced every hour. */
  readonly bearerTokenFile?: string;
  /** Any names; e.g. `X-Scope-OrgID` for the tenant of a Mimir. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: TlsSettings;
}

/** Connects to an address. Throws KC_CONFIG_INVALID where it is none. */
export function connectDirectly(connection: DirectConnection): PrometheusEndpoint {
  const { clock, headers = {}, tls = {} } = connection;
  const url = addressOf(connection.url);
  const transport = new HttpTransport({
    server: url.origin,
    clock,
    tls: () => tls,
    credentials: credentialsOf(connection, url),
  });
  return {
    name: url.origin + url.pathname.replace(/\/$/, ''),
    transport,
    pathPrefix: url.pathname.replace(/\/$/, ''),
    headers: lowerCased(headers),
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
  const { basicAuth, bearerToken, bearerTokenFile } = connection;
  if (bearerTokenFile !== undefined) {
    return {
      current: () => Promise.resolve({ headers: { authorization: `Bearer ${readToken(bearerTokenFile)}` } }),
      refresh: () => Promise.resolve(false),
    };
  }
  if (bearerToken !== undefined)
    return fixedCredentials({ headers: { authorization: `Bearer ${bearerToken}` } });
  const inAddress = {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const basic = basicAuth ?? (url.username === '' ? undefined : inAddress);
  if (basic === undefined) return fixedCredentials({ headers: {} });
  const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
  return fixedCredentials({ headers: { authorization: `Basic ${pair}` } });
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
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

/** From a configuration to a transport. */
import type { Clock } from '#platform/clock.ts';
import { HttpTransport } from '../transport/http-transport.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** The transport to the cluster of `config`. It makes each call once; see RetryingTransport. */
export function connect(config: ClusterConfig, clock: Clock, userAgent?: string): HttpTransport {
  const { server, tls, credentials, proxyUrl } = config;
  return new HttpTransport({
    server,
    clock,
    tls,
    credentials,
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(userAgent === undefined ? {} : { userAgent }),
  });
}

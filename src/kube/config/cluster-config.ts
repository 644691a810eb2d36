/** How to reach one API server, and as whom. */
import type { Credentials } from '../transport/credentials.ts';
import type { TlsSettings } from '../transport/http-agents.ts';

export interface ClusterConfig {
  readonly server: string;
  /** Where namespaced commands act unless told otherwise. */
  readonly namespace: string;
  /** The settings of now: the same object until they change. */
  readonly tls: () => TlsSettings;
  readonly credentials: Credentials;
  readonly proxyUrl?: string;
  /** Where all this comes from, for people. */
  readonly origin: string;
}

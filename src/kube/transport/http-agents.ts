/**
 * Connections to one server. Calls share kept-alive connections; each watch holds one of its own, so that watches
 * can never use up the connections that calls need.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** What a TLS connection to the server is made with. */
export interface TlsSettings {
  /** PEM of the authorities that may vouch for the server; default: those of the system. */
  readonly ca?: string;
  /** The name that the server's certificate must carry, where it is not the one in the address. */
  readonly serverName?: string;
  /** Accept any certificate. */
  readonly insecure?: boolean;
}

export interface AgentOptions {
  readonly tls: TlsSettings;
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  /** Where the proxy stands, as in HTTPS_PROXY and NO_PROXY. */
  readonly proxyEnv: Readonly<Record<string, string | undefined>>;
}

const MAX_CALLS = 64;
const MAX_WATCHES = 512;
const PROBE_MS = 30_000;
/** kube-apiserver closes idle connections after 90 s; a call sent at that very moment would be lost. */
const IDLE_MS = 60_000;

/** The agents for one set of TLS settings. */
export class Agents {
  readonly options: AgentOptions;
  readonly calls: HttpAgent;
  readonly watches: HttpAgent;

  constructor(secure: boolean, options: AgentOptions) {
    this.options = options;
    this.calls = makeAgent(secure, options, { maxSockets: MAX_CALLS, timeout: IDLE_MS });
    this.watches = makeAgent(secure, options, { maxSockets: MAX_WATCHES });
  }

  /** Whether connections made with `options` are the ones that these agents make. */
  fits(options: AgentOptions): boolean {
    return (
      this.options.tls === options.tls &&
      this.options.certificate?.cert === options.certificate?.cert &&
      this.options.certificate?.key === options.certificate?.key
    );
  }

  /** Closes idle connections; those in use end by themselves. */
  retire(): void {
    for (const agent of [this.calls, this.watches]) {
      for (const sockets of Object.values(agent.freeSockets))
        for (const socket of sockets ?? []) socket.destroy();
    }
  }

  /** Closes every connection. */
  destroy(): void {
    this.calls.destroy();
    this.watches.destroy();
  }
}

interface Limits {
  readonly maxSockets: number;
  /** When an idle connection is closed. */
  readonly timeout?: number;
}

function makeAgent(secure: boolean, options: AgentOptions, limits: Limits): HttpAgent {
  const shared = {
    keepAlive: true,
    keepAliveMsecs: PROBE_MS,
    ...limits,
    scheduling: 'lifo',
    proxyEnv: options.proxyEnv,
  } as const;
  if (!secure) return new HttpAgent(shared);
  const { ca, serverName, insecure } = options.tls;
  return new HttpsAgent({
    ...shared,
    ...(ca === undefined ? {} : { ca }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(options.certificate ?? {}),
    rejectUnauthorized: insecure !== true,
  });
}

/** Sends requests to an API server over HTTP(S). Retries are another layer's; here each call is made once. */
import { type IncomingMessage, type RequestOptions, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import { ANONYMOUS, type Credential, type Credentials } from './credentials.ts';
import { Agents, type TlsSettings } from './http-agents.ts';
import { plainHeaders, readText } from './http-body.ts';
import { LinkedAbort } from './linked-abort.ts';
import type { Transport, WireRequest, WireResponse } from './transport.ts';
import { UnreachableError } from './unreachable.ts';

export interface HttpTransportOptions {
  /** The address of the server, e.g. `https://10.0.0.1:6443`; a path in it is kept. */
  readonly server: string;
  readonly clock: Clock;
  /** The TLS settings of now; return the same object while nothing has changed. */
  readonly tls?: () => TlsSettings;
  readonly credentials?: Credentials;
  /** An HTTP(S) proxy for this server; default: what the environment says (HTTPS_PROXY, NO_PROXY). */
  readonly proxyUrl?: string;
  /** Default `kcloud`. */
  readonly userAgent?: string;
}

const NO_TLS_SETTINGS: TlsSettings = {};
const UNAUTHORIZED = 401;

export class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions;
  readonly #server: URL;
  readonly #proxyEnv: Readonly<Record<string, string | undefined>>;
  #agents: Agents | undefined;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.#server = parseServer(options.server);
    const { proxyUrl } = options;
    this.#proxyEnv = proxyUrl === undefined ? process.env : { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const credentials = this.#options.credentials ?? ANONYMOUS;
    const response = await this.#sendAs(request, await credentials.current());
    if (response.status !== UNAUTHORIZED || !(await credentials.refresh())) return response;
    return this.#sendAs(request, await credentials.current());
  }

  /** Closes every connection. Calls under way fail. */
  close(): void {
    this.#agents?.destroy();
  }

  async #sendAs(request: WireRequest, credential: Credential): Promise<WireResponse> {
    const abort = new LinkedAbort(request.signal);
    const call = `${request.method} ${request.path}`;
    const timer = this.#options.clock.after(request.timeoutMs ?? Infinity, () => {
      const problem = `no answer within ${String((request.timeoutMs ?? 0) / 1000)} s`;
      abort.abort(new UnreachableError(call, { problem, sent: true }));
    });
    const release = (): void => {
      abort.release();
      timer.cancel();
    };
    try {
      const message = await this.#exchange(request, credential, abort.signal);
      const status = message.statusCode ?? 0;
      if (request.stream === true && status < 400) {
        timer.cancel();
        return { status, headers: plainHeaders(message), ...streamed(message, { call, abort, release }) };
      }
      const text = await readText(message);
      release();
      return { status, headers: plainHeaders(message), ...whole(text) };
    } catch (error) {
      release();
      throw asUnreachable(error, call, abort.signal);
    }
  }

  /** Makes the request; resolves when the head of the answer is there. */
  #exchange(request: WireRequest, credential: Credential, signal: AbortSignal): Promise<IncomingMessage> {
    const agents = this.#agentsFor(credential);
    const options: RequestOptions = {
      method: request.method,
      agent: request.stream === true ? agents.watches : agents.calls,
      headers: this.#headers(request, credential),
      signal,
    };
    const { origin, pathname } = this.#server;
    const url = origin + pathname.replace(/\/$/, '') + request.path;
    const send = this.#server.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sending = send(url, options, resolve);
      sending.on('error', reject);
      sending.end(request.body);
    });
  }

  #headers(request: WireRequest, credential: Credential): Record<string, string | string[] | number> {
    const own = Object.entries(credential.headers).map(([name, value]): [string, string | string[]] => [
      name,
      typeof value === 'string' ? value : [...value],
    ]);
    return {
      'user-agent': this.#options.userAgent ?? 'kcloud',
      // A watch must not be compressed: the compressor would hold events back.
      ...(request.method === 'GET' && request.stream !== true ? { 'accept-encoding': 'gzip' } : {}),
      ...request.headers,
      ...(request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) }),
      ...Object.fromEntries(own),
    };
  }

  #agentsFor(credential: Credential): Agents {
    const tls = this.#options.tls?.() ?? NO_TLS_SETTINGS;
    const options = { tls, certificate: credential.certificate, proxyEnv: this.#proxyEnv };
    if (this.#agents?.fits(options) === true) return this.#agents;
    this.#agents?.retire();
    this.#agents = new Agents(this.#server.protocol === 'https:', options);
    return this.#agents;
  }
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    const problem = `"${server}" is not an http(s) address of an API server`;
    throw new KcError('KC_KUBECONFIG_INVALID', { field: 'server', problem });
  }
  return url;
}

function whole(text: string): Pick<WireResponse, 'text' | 'chunks'> {
  return {
    text: () => Promise.resolve(text),
    chunks: async function* () {
      yield await Promise.resolve(text);
    },
  };
}

interface OpenStream {
  readonly call: string;
  readonly abort: LinkedAbort;
  readonly release: () => void;
}

function streamed(message: IncomingMessage, stream: OpenStream): Pick<WireResponse, 'text' | 'chunks'> {
  const chunks = async function* (): AsyncGenerator<string> {
    message.setEncoding('utf8');
    try {
      for await (const chunk of message) yield chunk as string;
    } catch (error) {
      throw asUnreachable(error, stream.call, stream.abort.signal);
    } finally {
      stream.release();
      message.destroy();
    }
  };
  return { chunks, text: async () => (await Array.fromAsync(chunks())).join('') };
}

/** Errors that come before anything was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The signal's reason where it was aborted, else KC_API_UNREACHABLE with the cause. */
function asUnreachable(error: unknown, call: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof KcError) return error;
  const { code = '', message = String(error) } = error as {
    readonly code?: string;
    readonly message?: string;
  };
  return new UnreachableError(call, { problem: message, sent: !NEVER_SENT.has(code), cause: error });
}

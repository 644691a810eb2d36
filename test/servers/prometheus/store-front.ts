/**
 * What stands before the data in other stores that speak PromQL: paths, tenants, credentials, limits, the ways of failing. The
 * data and its evaluation are those of a real Prometheus behind it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface StoreRequest {
  /** Without the prefix, e.g. `/api/v1/query_range`. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

export interface StoreAnswer {
  readonly status: number;
  readonly body: string;
}

export interface StoreFrontOptions {
  /** Of the real Prometheus. */
  readonly url: string;
  /** What stands before `/api/v1`; anything else is not found. */
  readonly prefix?: string;
  /** Certificates of an HTTPS server. */
  readonly tls?: ServerOptions;
  /** Refuses a request, or lets it through where it answers nothing. */
  readonly refuse?: (request: StoreRequest) => StoreAnswer | undefined;
  /** What the store does to a good answer. */
  readonly change?: (body: string, request: StoreRequest) => string;
}

export class StoreFront {
  /** With the prefix. */
  readonly url: string;
  /** Every request that came, refused or not. */
  readonly requests: readonly StoreRequest[];
  readonly #server: Server;

  private constructor(server: Server, url: string, requests: readonly StoreRequest[]) {
    this.#server = server;
    this.url = url;
    this.requests = requests;
  }

  static async start(options: StoreFrontOptions): Promise<StoreFront> {
    const requests: StoreRequest[] = [];
    const handle = (message: IncomingMessage, response: ServerResponse): void => {
      void answer(options, requests, message).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    };
    const { tls } = options;
    const server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const scheme = tls === undefined ? 'http' : 'https';
    return new StoreFront(server, `${scheme}://127.0.0.1:${String(port)}${options.prefix ?? ''}`, requests);
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

/** In the manner of Prometheus. */
export function storeError(status: number, errorType: string, error: string): StoreAnswer {
  return { status, body: JSON.stringify({ status: 'error', errorType, error }) };
}

async function answer(
  { url, prefix = '', refuse, change }: StoreFrontOptions,
  requests: StoreRequest[],
  message: IncomingMessage,
): Promise<StoreAnswer> {
  const asked = new URL(message.url ?? '/', url);
  if (!asked.pathname.startsWith(`${prefix}/api/v1/`)) return { status: 404, body: '404 page not found' };
  const body = await textOf(message);
  const form = new URLSearchParams(message.method === 'POST' ? body : asked.search);
  const request = { path: asked.pathname.slice(prefix.length), headers: message.headers, form };
  requests.push(request);
  const refused = refuse?.(request);
  if (refused !== undefined) return refused;
  const real = await forward(url, request, message.method ?? 'GET');
  return real.status === 200 && change !== undefined ? { ...real, body: change(real.body, request) } : real;
}

async function forward(url: string, { form, path }: StoreRequest, method: string): Promise<StoreAnswer> {
  const response =
    method === 'POST'
      ? await fetch(url + path, { method, body: form })
      : await fetch(`${url}${path}?${form.toString()}`);
  return { status: response.status, body: await response.text() };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * The two small servers of an operator (health, admission) on node:http(s) alone: a handful of routes is not worth the
 * ten megabytes that a web framework costs an idle process.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type Server as SecureServer, createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf } from '#errors/kc-error.ts';
import type { CertifiedKey } from '#kube/pki/certificate.ts';

export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a request. What it throws becomes a 500. */
export type HttpHandler = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

export interface HttpServerOptions {
  readonly port: number;
  /** Default all addresses. */
  readonly host?: string | undefined;
  /** Serve TLS with this certificate. */
  readonly certificate?: CertifiedKey;
  /** Longer bodies are refused with 413; default 64 KiB. */
  readonly maxBodyBytes?: number;
}

const MAX_BODY_BYTES = 65_536;

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #handler: HttpHandler;
  readonly #server: Server | SecureServer;
  #closing = false;

  constructor(handler: HttpHandler, options: HttpServerOptions) {
    this.#options = options;
    this.#handler = handler;
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response);
    };
    const { certificate } = options;
    this.#server =
      certificate === undefined
        ? createServer(listener)
        : createSecureServer({ ...certificate, minVersion: 'TLSv1.2' }, listener);
  }

  /** Resolves with the address, e.g. `https://127.0.0.1:9443`; rejects where the port cannot be had. */
  async listen(): Promise<string> {
    const { port, host = '::', certificate } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const { address, family, port: bound } = this.#server.address() as AddressInfo;
    const shown = family === 'IPv6' ? `[${address}]` : address;
    return `${certificate === undefined ? 'http' : 'https'}://${shown}:${String(bound)}`;
  }

  /** Serves new connections with another certificate. */
  setCertificate(certificate: CertifiedKey): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(certificate);
  }

  /** Takes no more connections and resolves when the last answer is given. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => {
      this.#server.close(() => { resolve(); }); // prettier-ignore
      this.#server.closeIdleConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request).catch((error: unknown) => plain(500, messageOf(error)));
    if (this.#closing || !request.complete) response.setHeader('connection', 'close');
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer> {
    const body = await readBody(request, this.#options.maxBodyBytes ?? MAX_BODY_BYTES);
    if (body === undefined) return plain(413, 'the body is too large');
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    return this.#handler({ method: request.method ?? 'GET', path, body });
  }
}

/** The body as text; undefined where it is longer than allowed. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > maxBytes) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** An answer in plain text. */
export function plain(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

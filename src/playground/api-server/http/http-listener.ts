/** The same handler on a loopback port, for kubectl and for clients in other processes. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpMethod, Transport, WireResponse } from '#kube/transport/transport.ts';
import { messageOf } from '#errors/kc-error.ts';

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const LOOPBACK = '127.0.0.1';

/** A listener that runs. */
export interface HttpListener {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Stops listening and ends every open connection. */
  close(): Promise<void>;
}

/** Listens on the loopback address; port 0 takes a free one. */
export async function listenHttp(transport: Transport, port = 0): Promise<HttpListener> {
  const server = createServer((request, response) => {
    void answer(transport, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${LOOPBACK}:${taken}`, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeAllConnections();
  });
}

async function answer(
  transport: Transport,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.on('close', () => {
    abort.abort(new Error('the client closed the connection'));
  });
  try {
    const body = await readBody(request);
    const wire = await transport.send({
      method: methodOf(request),
      path: request.url ?? '/',
      headers: headersOf(request),
      signal: abort.signal,
      stream: true,
      ...(body === '' ? {} : { body }),
    });
    await write(response, wire);
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(messageOf(error));
  }
}

function methodOf(request: IncomingMessage): HttpMethod {
  const method = request.method ?? 'GET';
  return (METHODS.includes(method) ? method : 'GET') as HttpMethod;
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function write(response: ServerResponse, wire: WireResponse): Promise<void> {
  response.writeHead(wire.status, { ...wire.headers });
  // A watch is open before its first event.
  response.flushHeaders();
  for await (const chunk of wire.chunks()) {
    if (response.destroyed) return;
    response.write(chunk);
  }
  response.end();
}

/** The same handler on a loopback port, for kubectl and for clients in other processes. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { messageOf } from '#errors/kc-error.ts';
import { ProtobufError } from '../protobuf/wire-reader.ts';
import { loadSchemas } from '../schema/load-schemas.ts';
import { toWireRequest } from './wire-request.ts';

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
  const { definitions } = await loadSchemas();
  const toWire: ToWire = (request) => toWireRequest(request, definitions);
  const server = createServer((request, response) => {
    void answer({ transport, toWire }, request, response);
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

type ToWire = (request: IncomingMessage) => Promise<WireRequest>;

async function answer(
  { transport, toWire }: { readonly transport: Transport; readonly toWire: ToWire },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.on('close', () => {
    abort.abort(new Error('the client closed the connection'));
  });
  try {
    const wire = await toWire(request);
    await write(response, await transport.send({ ...wire, signal: abort.signal, stream: true }));
  } catch (error) {
    const code = error instanceof ProtobufError ? 400 : 500;
    if (!response.headersSent) response.writeHead(code, { 'content-type': 'text/plain' });
    response.end(messageOf(error));
  }
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

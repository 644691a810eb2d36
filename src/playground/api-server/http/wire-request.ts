/** What came in over HTTP, as the transport seam wants it: text bodies, protobuf among them turned into JSON. */
import type { IncomingMessage } from 'node:http';
import type { HttpMethod, WireRequest } from '#kube/transport/transport.ts';
import { PROTOBUF, readEnvelope } from '../protobuf/envelope.ts';
import type { Definitions } from '../schema/definitions.ts';
import { mediaTypeOf } from '../wire/body.ts';

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

type Headers = Readonly<Record<string, string>>;

export async function toWireRequest(
  request: IncomingMessage,
  definitions: Definitions,
): Promise<WireRequest> {
  const bytes = await readBody(request);
  const headers = headersOf(request);
  const base = { method: methodOf(request), path: request.url ?? '/' };
  if (bytes.length === 0) return { ...base, headers };
  if (mediaTypeOf(headers['content-type']) !== PROTOBUF) return { ...base, headers, body: bytes.toString() };
  const body = JSON.stringify(readEnvelope(definitions, bytes));
  return { ...base, headers: { ...headers, 'content-type': 'application/json' }, body };
}

function methodOf(request: IncomingMessage): HttpMethod {
  const method = request.method ?? 'GET';
  return (METHODS.includes(method) ? method : 'GET') as HttpMethod;
}

function headersOf(request: IncomingMessage): Headers {
  const entries = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return Object.fromEntries(entries) as Headers;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Answers in the form that the transport seam hands out. */
import type { StatusObject } from '#apis/kubernetes/object.ts';
import type { WireResponse } from '#kube/transport/transport.ts';

export type Headers = Readonly<Record<string, string>>;

/** An answer whose whole body is known. */
export class TextResponse implements WireResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly #body: string;

  constructor(status: number, headers: Headers, body: string) {
    this.status = status;
    this.headers = headers;
    this.#body = body;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#body);
  }

  async *chunks(): AsyncIterable<string> {
    yield await this.text();
  }
}

/** An answer whose body comes piece by piece. */
export class StreamResponse implements WireResponse {
  readonly status = 200;
  readonly headers: Headers;
  readonly #chunks: AsyncIterable<string>;

  constructor(headers: Headers, chunks: AsyncIterable<string>) {
    this.headers = headers;
    this.#chunks = chunks;
  }

  async text(): Promise<string> {
    const parts: string[] = [];
    for await (const part of this.#chunks) parts.push(part);
    return parts.join('');
  }

  chunks(): AsyncIterable<string> {
    return this.#chunks;
  }
}

const JSON_TYPE = 'application/json';

export function jsonResponse(status: number, body: string, headers: Headers = {}): WireResponse {
  return new TextResponse(
    status,
    { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private', ...headers },
    body,
  );
}

export function plainResponse(status: number, body: string): WireResponse {
  return new TextResponse(status, { 'content-type': 'text/plain; charset=utf-8' }, body);
}

export function statusResponse(status: StatusObject, headers: Headers = {}): WireResponse {
  const seconds = status.details?.retryAfterSeconds;
  const retry: Headers = seconds === undefined || seconds <= 0 ? {} : { 'retry-after': String(seconds) };
  return jsonResponse(status.code ?? 500, JSON.stringify(status), { ...retry, ...headers });
}

/** `Warning` headers: one text with the values joined, as HTTP allows. */
export function warningHeaders(warnings: readonly string[]): Headers {
  if (warnings.length === 0) return {};
  const values = [...new Set(warnings)].map((text) => `299 - ${JSON.stringify(text)}`);
  return { warning: values.join(', ') };
}

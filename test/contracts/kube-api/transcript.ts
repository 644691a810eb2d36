/**
 * A conversation with an API server, written down so that two servers can be compared word for word. The golden
 * files are what a real one said; `README.md` tells how they are recorded.
 */
import { parse, stringify } from 'yaml';
import type { HttpMethod, Transport, WireResponse } from '#kube/transport/transport.ts';
import { Normaliser, sorted } from './normalise.ts';

/** What a request carries besides method and path. */
export interface Ask {
  /** JSON unless it is a text. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The user as whom it is sent. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An error's code, reason and fields are written down, not its words: those of Go's own parsers. */
  readonly isGist?: boolean;
  /** Is sent, but not written down: for steps whose answers depend on the moment. */
  readonly isSilent?: boolean;
}

export interface WatchAsk {
  readonly accept?: string;
  /** What happens once the watch is open. */
  readonly meanwhile?: () => Promise<unknown>;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or the text where it is none. */
  readonly body: unknown;
}

/** A watch that ends after this long has told what there was to tell. */
const WATCH_MS = 20_000;

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;
export type PatchType = keyof typeof PATCH_TYPES;

export class Transcript {
  readonly #transport: Transport;
  readonly #normaliser = new Normaliser();
  readonly #parts: string[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get(path: string, ask: Ask = {}): Promise<Answer> {
    return this.send('GET', path, ask);
  }

  post(path: string, body: unknown, ask: Ask = {}): Promise<Answer> {
    return this.send('POST', path, { body, ...ask });
  }

  put(path: string, body: unknown, ask: Ask = {}): Promise<Answer> {
    return this.send('PUT', path, { body, ...ask });
  }

  patch(type: PatchType, path: string, body: unknown, ask: Ask = {}): Promise<Answer> {
    return this.send('PATCH', path, { body, contentType: PATCH_TYPES[type], ...ask });
  }

  delete(path: string, ask: Ask = {}): Promise<Answer> {
    return this.send('DELETE', path, ask);
  }

  async send(method: HttpMethod, path: string, ask: Ask): Promise<Answer> {
    const response = await this.#transport.send(this.#request(method, path, ask));
    const text = await response.text();
    const body = ask.accept === 'application/yaml' ? (parse(text) as unknown) : parsed(text);
    const answer = { status: response.status, body };
    if (ask.isSilent !== true)
      this.#write({ method, path, ask, answer, warning: response.headers['warning'] });
    return answer;
  }

  /** Opens a watch and writes down its first `count` events, or all where it ends before. */
  async watch(path: string, count: number, { accept, meanwhile = noWork }: WatchAsk = {}): Promise<void> {
    const signal = AbortSignal.timeout(WATCH_MS);
    const request = this.#request('GET', path, accept === undefined ? {} : { accept });
    const response = await this.#transport.send({ ...request, stream: true, signal });
    await meanwhile();
    const events = await firstEvents(response, count);
    this.#parts.push(
      `WATCH ${this.#normaliser.text(path)}\n${String(response.status)}\n${this.#shown(events)}`,
    );
  }

  /** Repeats a silent read until it is as wanted, for what the server does by itself. */
  async until(path: string, isSo: (answer: Answer) => boolean): Promise<void> {
    const endMs = performance.now() + WATCH_MS;
    for (;;) {
      const answer = await this.get(path, { isSilent: true });
      if (isSo(answer)) return;
      if (performance.now() > endMs) throw new Error(`${path} stayed ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Everything so far. */
  text(): string {
    return `${this.#parts.join('\n')}\n`;
  }

  #request(method: HttpMethod, path: string, ask: Ask) {
    const { body, contentType = 'application/json', accept = 'application/json', as } = ask;
    const headers = {
      accept,
      'user-agent': 'conformance/1',
      ...(body === undefined ? {} : { 'content-type': contentType }),
      ...(as === undefined ? {} : { 'impersonate-user': as }),
      ...ask.headers,
    };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { method, path, headers, ...(body === undefined ? {} : { body: text }) };
  }

  #write(exchange: Exchange): void {
    const { method, path, ask, answer, warning } = exchange;
    const kind = method === 'PATCH' ? ` (${(ask.contentType ?? '').replace('application/', '')})` : '';
    const user = ask.as === undefined ? '' : ` as ${ask.as}`;
    const lines = [
      `${method} ${this.#normaliser.text(path)}${kind}${user}`,
      ...(ask.body === undefined ? [] : [`> ${this.#sent(ask.body)}`]),
      ...(warning === undefined ? [] : [`! ${warning}`]),
      String(answer.status),
      this.#shown(ask.isGist === true ? gistOf(answer.body) : inOrder(answer.body)),
    ];
    this.#parts.push(lines.join('\n'));
  }

  #sent(body: unknown): string {
    const text =
      typeof body === 'string' ? body.trimEnd() : JSON.stringify(sorted(this.#normaliser.value(body)));
    return text.replaceAll('\n', '\n> ');
  }

  #shown(body: unknown): string {
    if (typeof body === 'string') return `${this.#normaliser.text(body)}\n`;
    return stringify(sorted(this.#normaliser.value(body)), { lineWidth: 0, aliasDuplicateObjects: false });
  }
}

interface Exchange {
  readonly method: HttpMethod;
  readonly path: string;
  readonly ask: Ask;
  readonly answer: Answer;
  readonly warning: string | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface Failure {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly Cause[] };
}

interface Cause {
  readonly reason?: string;
  readonly field?: string;
}

function causesOf(body: unknown): readonly Cause[] {
  const { details } = body as Failure;
  return details?.causes ?? [];
}

function gistOf(body: unknown): unknown {
  const { reason } = body as Failure;
  const causes = causesOf(body).map((cause) => `${cause.reason ?? ''} ${cause.field ?? ''}`);
  return { reason, ...(causes.length === 0 ? {} : { causes: [...new Set(causes)].sort() }) };
}

/** Several causes in one order: a real server walks the fields of an object in any. */
function inOrder(body: unknown): unknown {
  const causes = causesOf(body);
  if (causes.length < 2) return body;
  const { message = '', ...failure } = body as Failure;
  const sortedCauses = [...causes].sort((a, b) =>
    JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1,
  );
  return {
    ...failure,
    message: message.replace(/: \[.*/s, ': <causes>'),
    details: { ...failure.details, causes: sortedCauses },
  };
}

function noWork(): Promise<void> {
  return Promise.resolve();
}

async function firstEvents(response: WireResponse, count: number): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  let rest = '';
  for await (const chunk of response.chunks()) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    events.push(...lines.filter((line) => line !== '').map(parsed));
    if (events.length >= count) break;
  }
  return (rest === '' ? events : [...events, parsed(rest)]).slice(0, count);
}

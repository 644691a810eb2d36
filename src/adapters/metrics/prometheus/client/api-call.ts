/** One call of the HTTP API: sent as a form, read as it arrives, repeated where that can help. */
import { type BackoffPolicy, backoffMs } from '#kube/transport/backoff.ts';
import { LinkedAbort } from '#kube/transport/linked-abort.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { type ListDepth, ResultSplitter } from './result-splitter.ts';
import { connectionError, refusalError, tooLarge } from './source-error.ts';

/** Where a metrics source is and how it is spoken to. */
export interface PrometheusEndpoint {
  /** Names it in errors and to people, e.g. its address without credentials. */
  readonly name: string;
  readonly transport: Transport;
  /** What stands before `/api/v1`, e.g. `/prometheus`; empty for a plain Prometheus. */
  readonly pathPrefix: string;
  /** Lower-case names; e.g. `x-scope-orgid` for the tenant of a Mimir. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with each call, e.g. `dedup` for a Thanos. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Short queries are sent by GET, since POST through an API server needs the right to create. */
  readonly prefersGet?: boolean;
}

export interface CallOptions {
  readonly endpoint: PrometheusEndpoint;
  readonly clock: Clock;
  readonly random: Random;
  /** How long the source may work on one query. Default 60 s. */
  readonly timeoutMs?: number;
  /** How often a query is sent at most. Default 3. */
  readonly attempts?: number;
  /** Default 0.5 s to 5 s. */
  readonly backoff?: BackoffPolicy;
}

export interface ApiCall {
  /** Begins with `/api/v1/`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
  readonly listDepth: ListDepth;
  /** The source takes this by GET only. */
  readonly readOnly?: boolean;
  /** Takes each element of the list as its JSON text. */
  readonly onElement: (json: string) => void;
  /** The answer broke off and is asked for again: the elements so far are void. */
  readonly onRepeat: () => void;
}

/** The answer but for the elements. */
export interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly warnings?: readonly string[];
}

export const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 5000 };
/** The source gives up first, and says so. */
const GRACE_MS = 5000;
/** A longer address is refused by some proxies. */
const MAX_GET_CHARACTERS = 4000;

/** Rejects with SourceError. */
export async function callApi(options: CallOptions, call: ApiCall): Promise<Envelope> {
  const { attempts = DEFAULT_ATTEMPTS, backoff = DEFAULT_BACKOFF, clock, endpoint, random } = options;
  for (let count = 1; ; count += 1) {
    try {
      return await callOnce(options, call);
    } catch (error) {
      const failed = connectionError(endpoint.name, error);
      if (failed.remedy !== 'repeat' || count >= attempts) throw failed;
      await sleep(clock, backoffMs(backoff, count, random));
      call.onRepeat();
    }
  }
}

async function callOnce(options: CallOptions, call: ApiCall): Promise<Envelope> {
  const { clock, endpoint, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const abort = new LinkedAbort();
  const timer = clock.after(timeoutMs + GRACE_MS, () => {
    abort.abort(tooLarge(endpoint.name, `no complete answer within ${String(timeoutMs / 1000)} s`));
  });
  try {
    const response = await endpoint.transport.send(requestOf(endpoint, call, abort.signal));
    if (response.status === 200) return await readAnswer(response, call, endpoint.name);
    const body = await response.text();
    throw refusalError({ source: endpoint.name, status: response.status, body });
  } finally {
    timer.cancel();
    abort.release();
  }
}

function requestOf(endpoint: PrometheusEndpoint, call: ApiCall, signal: AbortSignal): WireRequest {
  const body = formText({ ...endpoint.parameters, ...call.parameters });
  const path = `${endpoint.pathPrefix}${call.path}`;
  const headers = { accept: 'application/json', ...endpoint.headers };
  if (call.readOnly === true || (endpoint.prefersGet === true && body.length < MAX_GET_CHARACTERS)) {
    return { method: 'GET', path: `${path}?${body}`, headers, signal, stream: true };
  }
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', path, headers: form, body, signal, stream: true };
}

function formText(parameters: ApiCall['parameters']): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of typeof value === 'string' ? [value] : value) form.append(name, each);
  }
  return form.toString();
}

async function readAnswer(response: WireResponse, call: ApiCall, source: string): Promise<Envelope> {
  const splitter = new ResultSplitter(call.listDepth, call.onElement);
  for await (const chunk of response.chunks()) splitter.add(chunk);
  const text = splitter.end();
  const envelope: unknown = JSON.parse(text);
  if (isSuccess(envelope)) return envelope;
  throw refusalError({ source, status: response.status, body: text });
}

function isSuccess(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'status' in value && value.status === 'success';
}

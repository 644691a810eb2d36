/** How the service is reached: one address, a token that is read anew for each call, a timeout, and repetitions. */
import { readFileSync } from 'node:fs';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { type BackoffPolicy, backoffMs } from '#kube/transport/backoff.ts';
import { ANONYMOUS, type Credentials } from '#kube/transport/credentials.ts';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';

export interface OptimizerEndpointOptions {
  /** Answers the calls; each is made once per attempt. */
  readonly transport: Transport;
  /** The address, for people. */
  readonly name: string;
  /** What stands before the paths of the API. */
  readonly pathPrefix?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** How often a call is made at most; default 3. */
  readonly attempts?: number;
}

const TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
const BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 5_000 };
/** A longer Retry-After is left to the next analysis. */
const MAX_WAIT_MS = 10_000;
const PASSING = [429, 502, 503, 504];

export class OptimizerEndpoint {
  readonly #options: OptimizerEndpointOptions;

  constructor(options: OptimizerEndpointOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Posts JSON and reads JSON. Analyses change nothing, so they may be asked for again. Rejects with KC_OPTIMIZER_UNAVAILABLE. */
  async post(path: string, body: unknown): Promise<unknown> {
    const { attempts = ATTEMPTS, clock, random } = this.#options;
    for (let count = 1; ; count += 1) {
      const attempt = await this.#attempt(path, JSON.stringify(body));
      if ('answer' in attempt) return attempt.answer;
      const waitMs = Math.max(backoffMs(BACKOFF, count, random), attempt.askedMs);
      if (!attempt.mayPass || count >= attempts || waitMs > MAX_WAIT_MS) throw attempt.error;
      await sleep(clock, waitMs);
    }
  }

  async #attempt(path: string, body: string): Promise<Attempt> {
    const { transport, pathPrefix = '', timeoutMs = TIMEOUT_MS } = this.#options;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    try {
      const response = await transport.send({
        method: 'POST',
        path: pathPrefix + path,
        headers,
        body,
        timeoutMs,
      });
      const text = await response.text();
      if (response.status === 200) return { answer: JSON.parse(text) as unknown };
      const error = this.#unavailable(`${String(response.status)}: ${detailOf(text)}`);
      const seconds = Number(response.headers['retry-after']);
      const askedMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
      return { error, mayPass: PASSING.includes(response.status), askedMs };
    } catch (cause) {
      const problem = cause instanceof KcError ? cause.problem : messageOf(cause);
      return {
        error: this.#unavailable(problem, cause),
        mayPass: !(cause instanceof SyntaxError),
        askedMs: 0,
      };
    }
  }

  #unavailable(problem: string, cause?: unknown): KcError {
    return new KcError('KC_OPTIMIZER_UNAVAILABLE', { object: this.name, problem, cause });
  }
}

type Attempt =
  | { readonly answer: unknown }
  | { readonly error: KcError; readonly mayPass: boolean; readonly askedMs: number };

/** What a problem document says, or the beginning of whatever came instead. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    if (typeof detail === 'string') return detail.slice(0, 300);
  } catch {
    // A proxy answers with a page: its beginning is shown.
  }
  return text.slice(0, 120);
}

export interface OptimizerAddress {
  /** `http://optimizer-api.cost-optimizer.svc.cluster.local:8000`. */
  readonly url: string;
  /** Read anew for each call: tokens of service accounts are replaced every hour. */
  readonly tokenFile?: string | undefined;
  /** PEM text of the authority that signed the service's certificate. */
  readonly authority?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs?: number | undefined;
}

/** Throws KC_CONFIG_INVALID for an address that is none. */
export function optimizerEndpoint(address: OptimizerAddress): OptimizerEndpoint {
  const { url: text, tokenFile, authority, clock, random, timeoutMs } = address;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new KcError('KC_CONFIG_INVALID', {
      field: 'OPTIMIZER_API_URL',
      problem: `"${text}" is not an http(s) address`,
    });
  }
  const tls = authority === undefined ? {} : { ca: authority };
  const credentials = tokenFile === undefined ? ANONYMOUS : tokenCredentials(tokenFile);
  const pathPrefix = url.pathname.replace(/\/$/, '');
  return new OptimizerEndpoint({
    transport: new HttpTransport({ server: url.origin, clock, tls: () => tls, credentials }),
    name: url.origin + pathPrefix,
    pathPrefix,
    clock,
    random,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

function tokenCredentials(file: string): Credentials {
  return {
    current: () => {
      try {
        return Promise.resolve({ headers: { authorization: `Bearer ${readFileSync(file, 'utf8').trim()}` } });
      } catch (cause) {
        const detail = { object: file, problem: messageOf(cause), cause };
        return Promise.reject(new KcError('KC_CREDENTIALS_UNAVAILABLE', detail));
      }
    },
    refresh: () => Promise.resolve(false),
  };
}

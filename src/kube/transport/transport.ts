/**
 * The seam between us and an API server. Production sends requests over HTTP(S); the playground answers the
 * same requests in process. Everything above this line works on raw wire JSON.
 */

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request to an API server. `path` starts with `/` and carries its query. */
export interface WireRequest {
  readonly method: HttpMethod;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, or the stream of a watch, at once. */
  readonly signal?: AbortSignal;
  /** Fails the request where no complete answer (for a stream: no header) came within this time. */
  readonly timeoutMs?: number;
  /** The caller reads `chunks()` as they come instead of `text()`. */
  readonly stream?: boolean;
}

/** The answer. Exactly one of `text` and `chunks` is consumed, once. */
export interface WireResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body. */
  text(): Promise<string>;
  /** The body as it arrives; ends when the server closes, throws when the connection breaks. */
  chunks(): AsyncIterable<string>;
}

/**
 * Sends requests. Rejects with KC_API_UNREACHABLE where no answer was had (refused, timed out, broken) and with
 * the signal's reason where it was aborted; any HTTP status is an answer, not a rejection.
 */
export interface Transport {
  send(request: WireRequest): Promise<WireResponse>;
}

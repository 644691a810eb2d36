/** An error answer of an API server, and the questions one asks of it. */
import type { StatusObject } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';

/** The API server answered with a status of 400 or above. */
export class ApiError extends KcError {
  readonly httpStatus: number;
  /** The machine-readable reason, e.g. `Conflict`, `NotFound`, `Invalid`, `TooManyRequests`. */
  readonly reason: string;
  /** The whole Status object where the server sent one. */
  readonly statusObject: StatusObject | undefined;
  /** What the server asked us to wait, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(call: string, answer: ApiAnswer) {
    const status = parseStatus(answer.body);
    super('KC_API_REFUSED', {
      object: call,
      problem: `${String(answer.status)} ${status?.reason ?? ''}: ${status?.message ?? answer.body.slice(0, 200)}`,
    });
    this.name = 'ApiError';
    this.httpStatus = answer.status;
    this.reason = status?.reason ?? '';
    this.statusObject = status;
    this.retryAfterMs = retryAfter(answer, status);
  }
}

interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function parseStatus(body: string): StatusObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'Status') {
      return parsed as StatusObject;
    }
  } catch {
    // A proxy or a dying server answers with text: the caller shows its beginning.
  }
  return undefined;
}

function retryAfter(answer: ApiAnswer, status: StatusObject | undefined): number | undefined {
  const seconds = Number(answer.headers['retry-after'] ?? status?.details?.retryAfterSeconds);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function hasStatus(error: unknown, httpStatus: number): error is ApiError {
  return error instanceof ApiError && error.httpStatus === httpStatus;
}

/** The object, or the resource type itself, does not exist. */
export function isNotFound(error: unknown): error is ApiError {
  return hasStatus(error, 404);
}

/** The object changed since it was read (or the resource version in a patch did not match). */
export function isConflict(error: unknown): error is ApiError {
  return hasStatus(error, 409) && error.reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return hasStatus(error, 409) && error.reason === 'AlreadyExists';
}

/** The resource version of a watch or of a list continuation is too old. */
export function isGone(error: unknown): error is ApiError {
  return hasStatus(error, 410) || (error instanceof ApiError && error.reason === 'Expired');
}

/** Refused for what the object says: schema, CEL rule, admission webhook. */
export function isInvalid(error: unknown): error is ApiError {
  return hasStatus(error, 422) || hasStatus(error, 400);
}

export function isForbidden(error: unknown): error is ApiError {
  return hasStatus(error, 403);
}

/**
 * Refused by admission (a quota, a limit range, a node without room) and not for lack of rights: the API server
 * answers 403 to both, and only the authorizer's message names the verb and the resource.
 */
export function isDenied(error: unknown): error is ApiError {
  return hasStatus(error, 403) && !/ cannot \w+ resource "/.test(error.problem);
}

/** An eviction that a PodDisruptionBudget refuses, or a throttled call. */
export function isTooManyRequests(error: unknown): error is ApiError {
  return hasStatus(error, 429);
}

/** The server says that trying again can help: throttling, overload, restarts, timeouts. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.httpStatus === 429 || error.httpStatus >= 500;
  return error instanceof KcError && error.retry === 'backoff';
}

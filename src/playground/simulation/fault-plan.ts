/**
 * What shall go wrong, declared. Shares are probabilities in [0, 1], drawn from the one seed of the run; times
 * are virtual milliseconds, counted from when the faulty transport was made.
 */
import type { HttpMethod } from '#kube/transport/transport.ts';

/** A part of the run; the whole of it where both ends are absent. */
export interface FaultWindow {
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** Some requests are answered with an error status instead. */
export interface AnswerFault extends FaultWindow {
  readonly status: 409 | 410 | 429 | 500 | 503 | 504;
  readonly share: number;
  /** Default: PUT and PATCH for 409, GET for 410, every method otherwise. */
  readonly methods?: readonly HttpMethod[];
  /** Sent with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** The server carries out the request before the error is answered: what a proxy's timeout looks like. */
  readonly tookEffect?: boolean;
}

/** Some answers take long; half of the wait comes before the server sees the request, or all of it after. */
export interface SlowFault extends FaultWindow {
  readonly share: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Some requests take effect and the connection breaks before the answer. */
export interface LostAnswerFault extends FaultWindow {
  readonly share: number;
}

/** The API server cannot be reached: connections are refused at once, or hang until they time out. */
export interface OutageFault {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly mode?: 'refused' | 'hanging';
}

/**
 * What happens to watches. A lost or reordered event is a lie that no client can see through; therefore the
 * stream that told it expires (410, so that the client must list again) within `lieExpiresMs`.
 */
export interface WatchFaults extends FaultWindow {
  /** Share of events that come twice. */
  readonly duplicate?: number;
  /** Share of events that hold back themselves and all that follow, for up to `staleMs`. */
  readonly stale?: number;
  /** Default 5,000. */
  readonly staleMs?: number;
  /** Share of events that come after their successor. */
  readonly reorder?: number;
  /** Share of events that never come. */
  readonly lose?: number;
  /** Default 60,000. */
  readonly lieExpiresMs?: number;
  /** Each stream ends, cleanly or by a broken connection, at a random time up to twice this. */
  readonly dropAfterMs?: number;
  /** Share of streams that are refused with 410 when they are opened with a resource version. */
  readonly expired?: number;
  /** Share of lines that arrive in two pieces. */
  readonly split?: number;
}

export interface FaultPlan {
  readonly answers?: readonly AnswerFault[];
  readonly slow?: SlowFault;
  readonly lostAnswers?: LostAnswerFault;
  readonly outages?: readonly OutageFault[];
  readonly watches?: WatchFaults;
}

/** Whether `elapsedMs` lies in the window. */
export function inWindow(window: FaultWindow, elapsedMs: number): boolean {
  return elapsedMs >= (window.fromMs ?? 0) && elapsedMs < (window.untilMs ?? Infinity);
}

/** The methods that an answer fault touches. */
export function faultMethods(fault: AnswerFault): readonly HttpMethod[] {
  if (fault.methods !== undefined) return fault.methods;
  if (fault.status === 409) return ['PUT', 'PATCH'];
  return fault.status === 410 ? ['GET'] : ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
}

/**
 * The contract between a controller and the code that reconciles.
 *
 * Reconciling is level-based: a call names an object, never an event. It reads the object and the world as they are,
 * decides, and writes what is missing. It may be called at any time, any number of times, for objects that no
 * longer exist, and after a crash between any two of its writes; the end must be the same. Calls for one object never
 * overlap; calls for different objects do.
 */
import type { ObjectKey } from '#apis/kubernetes/object.ts';
import { isKcError } from '#errors/kc-error.ts';
import type { Logger } from '#platform/logger.ts';

/** What a reconcile leaves behind. */
export interface Result {
  /** Look again after this time, whatever happens in between. */
  readonly requeueAfterMs?: number;
}

/** All is as it should be until something changes. */
export const DONE: Result = {};

/** Look again after `ms`. An earlier change replaces the appointment; its reconcile makes the next. */
export function requeueAfter(ms: number): Result {
  return { requeueAfterMs: ms };
}

export interface ReconcileContext {
  /** Aborted when the reconcile has taken too long, leadership is lost or the process must end. */
  readonly signal: AbortSignal;
  /** Its lines carry the controller and the object. */
  readonly logger: Logger;
  /** How often this object has failed in a row before this call. */
  readonly failures: number;
}

/**
 * Brings one object towards what it asks for. What it throws is logged, counted and leads to another try with backoff;
 * except for errors that no retry can mend (`TerminalError`, or a KcError whose code says `retry: never`), which
 * wait for the object to change.
 */
export type Reconcile = (key: ObjectKey, context: ReconcileContext) => Promise<Result>;

/** An error that only a change of the object can mend; it is not retried. */
export class TerminalError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TerminalError';
  }
}

/** True where trying again cannot help. */
export function isTerminal(error: unknown): boolean {
  return error instanceof TerminalError || (isKcError(error) && error.retry === 'never');
}

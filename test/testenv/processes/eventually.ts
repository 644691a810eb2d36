/** Waiting in tests: for a condition, with a deadline, and with an error that says what was seen last. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#errors/kc-error.ts';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** How time passes between two looks; real time if not given. */
  readonly pass?: (durationMs: number) => Promise<void>;
  /** Ends the wait early with this reason, e.g. because a process died. */
  readonly hopeless?: () => string | undefined;
  /** Adds to the error, e.g. the end of a log. */
  readonly evidence?: () => string;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_INTERVAL_MS = 100;

/**
 * Calls `check` until it returns something else than undefined or false, and returns that. What it throws counts
 * as "not yet". Throws after `timeoutMs` of the passed time with `what` and the last failure.
 */
export async function eventually<T>(what: string, check: Check<T>, options: WaitOptions = {}): Promise<T> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, intervalMs = DEFAULT_INTERVAL_MS, pass = sleep } = options;
  let last = 'nothing yet';
  for (let passedMs = 0, turnMs = 0; passedMs <= timeoutMs; passedMs += turnMs) {
    const startedMs = performance.now();
    const look = await lookOnce(check);
    if (look.value !== undefined) return look.value;
    last = look.failure ?? last;
    const reason = options.hopeless?.();
    if (reason !== undefined) throw new Error(waitError(what, reason, options));
    await pass(intervalMs);
    // A virtual interval takes less than its length, a slow look at a real cluster more.
    turnMs = Math.max(intervalMs, performance.now() - startedMs);
  }
  throw new Error(waitError(what, `not within ${String(timeoutMs / 1000)} s; last: ${last}`, options));
}

type Check<T> = () => Promise<T | undefined | false> | T | undefined | false;

async function lookOnce<T>(
  check: Check<T>,
): Promise<{ readonly value?: T | undefined; readonly failure?: string }> {
  try {
    const value = await check();
    return { value: value === false ? undefined : value };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

function waitError(what: string, reason: string, options: WaitOptions): string {
  const evidence = options.evidence?.() ?? '';
  return `waited for ${what}: ${reason}${evidence === '' ? '' : `\n${evidence}`}`;
}

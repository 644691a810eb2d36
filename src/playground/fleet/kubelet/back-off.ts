/** How long a kubelet waits before it starts a failing container, or pulls a failing image, again. */

const FIRST_MS = 10_000;
const LAST_MS = 300_000;
/** The back-off is forgotten when nothing failed for this long (twice the longest wait). */
const FORGET_MS = 2 * LAST_MS;

/** 10 s, doubling up to 5 min; the first failure is not waited for. */
export class BackOff {
  #waitMs: number | undefined;
  #updatedMs = 0;

  /** How long to wait after a failure at `atMs`; 0 the first time. */
  next(atMs: number): number {
    if (this.#waitMs !== undefined && atMs - this.#updatedMs > FORGET_MS) this.#waitMs = undefined;
    const waitMs = this.#waitMs ?? 0;
    this.#waitMs = waitMs === 0 ? FIRST_MS : Math.min(LAST_MS, waitMs * 2);
    this.#updatedMs = atMs + waitMs;
    return waitMs;
  }
}

/** A wait as kubelets print it: `10s`, `1m20s`, `5m0s`. */
export function waitText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

/**
 * Tells new samples from old ones that a metrics server repeats. It takes a sample per pod every 15 to 60 s and serves
 * it until the next one; where it hangs, it serves the last one for ever, which must not look like steady usage.
 */
import type { PodSample } from './metrics-api.ts';

/** A sample stands for the time until the next is due, which is about its window, and half of that again. */
const DUE_WINDOWS = 1.5;
/** Windows of servers that average over minutes say nothing about when the next sample is due. */
const MAX_REPEAT_MS = 90_000;
/** A new sample that is older than this was kept somewhere too long; so far apart may clocks of nodes be. */
const MAX_AGE_MS = 300_000;
/** A server that took over serves older samples for a moment; a node whose clock was set back does for good. */
const CLOCK_SET_BACK_MS = 600_000;
const FORGET_MS = 3_600_000;

interface LastSample {
  readonly takenMs: number;
  seenMs: number;
}

export class Freshness {
  readonly #last = new Map<string, LastSample>();

  /** Whether a sample tells something about the step that ends at `endMs`. Remembers it. */
  accepts(sample: PodSample, endMs: number): boolean {
    const key = `${sample.namespace}/${sample.pod}`;
    const last = this.#last.get(key);
    const { takenMs } = sample;
    const isNew = last === undefined || takenMs > last.takenMs || takenMs < last.takenMs - CLOCK_SET_BACK_MS;
    if (isNew) this.#last.set(key, { takenMs, seenMs: endMs });
    else last.seenMs = endMs;
    const ageMs = endMs - takenMs;
    if (isNew) return Math.abs(ageMs) <= MAX_AGE_MS;
    return takenMs === last.takenMs && ageMs <= Math.min(sample.windowMs * DUE_WINDOWS, MAX_REPEAT_MS);
  }

  /** Forgets pods that are no longer told of. */
  forget(nowMs: number): void {
    for (const [key, { seenMs }] of this.#last) if (nowMs - seenMs > FORGET_MS) this.#last.delete(key);
  }
}

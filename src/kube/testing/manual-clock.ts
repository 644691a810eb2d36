/** Time that moves only when a test says so. */
import type { Clock, Timer } from '#platform/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  #entries: Entry[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): Timer {
    const entry = { atMs: this.#nowMs + Math.max(0, ms), sequence: this.#sequence++, callback };
    this.#entries.push(entry);
    return { cancel: () => { this.#entries = this.#entries.filter((other) => other !== entry); } }; // prettier-ignore
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#entries.length;
  }

  /** Runs every timer that is due within `ms`, in order, letting promises settle between them. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.atMs <= untilMs; next = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#entries = this.#entries.filter((other) => other !== next);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass while nothing runs, as a machine does that sleeps; what is due runs at the next `advance`. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  #next(): Entry | undefined {
    return this.#entries.reduce<Entry | undefined>((first, entry) => {
      if (first === undefined || entry.atMs < first.atMs) return entry;
      return entry.atMs === first.atMs && entry.sequence < first.sequence ? entry : first;
    }, undefined);
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Virtual time. Nothing passes until someone runs the clock; then timers fire one after the other, and between
 * two of them every promise that can settle does. What runs on it must not wait for real I/O.
 */
import { KcError } from '#errors/kc-error.ts';
import type { Clock, Timer } from '#platform/clock.ts';
import { type HeapEntry, TimerHeap } from './timer-heap.ts';

export interface VirtualClockOptions {
  /** Where time begins, in milliseconds since the Unix epoch. */
  readonly startMs: number;
  /** How many turns of the event loop follow each timer. One is enough for code that only awaits promises. */
  readonly turnsPerTimer?: number;
}

/** More timers than this at one instant are an endless loop. */
const MAX_TIMERS_PER_INSTANT = 1_000_000;
/** Below this many cancelled timers the heap is not worth cleaning. */
const MIN_COMPACTION = 1024;

export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  readonly #turnsPerTimer: number;
  #nowMs: number;
  #order = 0;
  #cancelled = 0;
  #running = false;
  #fired = 0;

  constructor(options: VirtualClockOptions) {
    this.#nowMs = options.startMs;
    this.#turnsPerTimer = options.turnsPerTimer ?? 1;
  }

  now(): number {
    return this.#nowMs;
  }

  /** How many timers have fired since the beginning. */
  get fired(): number {
    return this.#fired;
  }

  /** When the next timer is due; undefined where none waits. */
  get nextAtMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  after(ms: number, callback: () => void): Timer {
    if (Number.isNaN(ms)) throw new RangeError('VirtualClock.after: the delay is not a number');
    // Whole milliseconds, as the clock of a machine shows.
    const entry: HeapEntry = {
      atMs: this.#nowMs + Math.ceil(Math.max(0, ms)),
      order: this.#order++,
      callback,
    };
    this.#heap.push(entry);
    return { cancel: () => { this.#cancel(entry); } }; // prettier-ignore
  }

  /** Runs every timer due by `untilMs` and leaves the time there. Rejects with what a timer throws. */
  async run(untilMs: number): Promise<void> {
    await this.#advance(untilMs, () => false);
  }

  async runFor(ms: number): Promise<void> {
    await this.run(this.#nowMs + ms);
  }

  /**
   * Runs until `predicate` holds, looking after each timer, for at most `limitMs` of virtual time.
   * Says whether it held.
   */
  async runUntil(predicate: () => boolean, limitMs: number): Promise<boolean> {
    return this.#advance(this.#nowMs + limitMs, predicate);
  }

  /** Runs until the promise settles and hands on its outcome; KC_SIMULATION_STALLED after `limitMs`. */
  async settle<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    if (await this.runUntil(() => settled, limitMs)) return promise;
    throw new KcError('KC_SIMULATION_STALLED', {
      problem: `a promise is still pending after ${limitMs} ms of virtual time`,
    });
  }

  /** Lets every promise settle that needs no more time. */
  async drain(): Promise<void> {
    for (let turn = 0; turn < this.#turnsPerTimer; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async #advance(untilMs: number, isDone: () => boolean): Promise<boolean> {
    if (this.#running) throw new RangeError('VirtualClock: it is running already');
    this.#running = true;
    try {
      await this.drain();
      return await this.#fireUntil(Math.ceil(untilMs), isDone);
    } finally {
      this.#running = false;
    }
  }

  async #fireUntil(untilMs: number, isDone: () => boolean): Promise<boolean> {
    let atThisInstant = 0;
    for (;;) {
      if (isDone()) return true;
      const next = this.#heap.peek();
      if (next === undefined || next.atMs > untilMs) break;
      atThisInstant = next.atMs > this.#nowMs ? 0 : atThisInstant + 1;
      if (atThisInstant > MAX_TIMERS_PER_INSTANT) throw this.#endless();
      this.#heap.pop();
      this.#nowMs = next.atMs;
      this.#fire(next);
      await this.drain();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
    return false;
  }

  #fire(entry: HeapEntry): void {
    const { callback } = entry;
    entry.callback = undefined;
    this.#fired += 1;
    callback?.();
  }

  #cancel(entry: HeapEntry): void {
    if (entry.callback === undefined) return;
    entry.callback = undefined;
    this.#cancelled += 1;
    if (this.#cancelled > MIN_COMPACTION && this.#cancelled * 2 > this.#heap.size) {
      this.#heap.compact();
      this.#cancelled = 0;
    }
  }

  #endless(): KcError {
    return new KcError('KC_SIMULATION_STALLED', {
      problem: `${MAX_TIMERS_PER_INSTANT} timers fired without time passing at ${new Date(this.#nowMs).toISOString()}`,
    });
  }
}

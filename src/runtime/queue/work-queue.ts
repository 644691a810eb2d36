/**
 * The keys that wait to be reconciled.
 *
 * - A key waits at most once; adding it again changes nothing but makes it earlier or more urgent.
 * - A key is worked on by one worker at a time; what is added meanwhile comes after.
 * - Namespaces take turns, so that none starves the others.
 * - Changes come before resyncs, but a resync waits for at most `CHANGES_PER_RESYNC` changes.
 * - A key has one due time: adding it for now replaces a later appointment, because the reconcile that follows
 *   decides anew when the next is due.
 */
import { parseKey } from '#apis/kubernetes/object.ts';
import type { Clock, Timer } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { DelayHeap } from './delay-heap.ts';
import { FairLane } from './fair-lane.ts';
import { DEFAULT_RETRY, RetryLimiter, type RetryPolicy } from './retry-limiter.ts';

/** `change`: somebody is waiting for it. `resync`: nothing has happened, we look again to be sure. */
export type Priority = 'change' | 'resync';

/** Told what happens, for metrics. Times in milliseconds. */
export interface QueueObserver {
  added(): void;
  retried(): void;
  /** A key was handed out after having been ready for `waitedMs`. */
  taken(waitedMs: number): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly retry?: RetryPolicy;
  readonly observer?: QueueObserver;
}

export interface AddOptions {
  /** Default `change`. */
  readonly priority?: Priority;
  /** Default 0. */
  readonly delayMs?: number;
}

/** A waiting key: how urgent it is, and from when on it may be taken. */
interface Waiting {
  readonly priority: Priority;
  readonly dueMs: number;
}

const CHANGES_PER_RESYNC = 8;

export class WorkQueue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #limiter: RetryLimiter;
  readonly #waiting = new Map<string, Waiting>();
  readonly #working = new Map<string, Priority>();
  readonly #lanes: Readonly<Record<Priority, FairLane>> = { change: new FairLane(), resync: new FairLane() };
  readonly #delayed = new DelayHeap();
  readonly #idle: ((key: string | undefined) => void)[] = [];
  #timer: Timer | undefined;
  #timerDueMs = Infinity;
  #changesInARow = 0;
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#limiter = new RetryLimiter(options.retry ?? DEFAULT_RETRY, options.clock, options.random);
  }

  /** How many keys could be taken now. */
  get depth(): number {
    return this.#lanes.change.size + this.#lanes.resync.size;
  }

  /** How many keys are being worked on. */
  get working(): number {
    return this.#working.size;
  }

  /** How often `key` has failed in a row. */
  failures(key: string): number {
    return this.#limiter.failures(key);
  }

  /** Adds a key, due after `delayMs`. Where it waits already, the earlier time and the higher priority hold. */
  add(key: string, options: AddOptions = {}): void {
    if (this.#closed) return;
    this.#observer?.added();
    const { priority = 'change', delayMs = 0 } = options;
    const asked = { priority, dueMs: this.#clock.now() + Math.max(0, delayMs) };
    const standing = this.#waiting.get(key);
    const waiting = standing === undefined ? asked : moreUrgent(standing, asked);
    if (standing !== undefined && isSame(standing, waiting)) return;
    if (standing !== undefined) this.#lanes[standing.priority].delete(groupOf(key), key);
    this.#waiting.set(key, waiting);
    this.#place(key);
    this.#handOut();
  }

  /**
   * The work on `key` failed: adds it again after its growing wait. Call before `done`. A `conflict` (somebody else
   * wrote first) takes nothing from the retries that all keys share: it says nothing about the health of anything.
   */
  retry(key: string, conflict = false): void {
    this.#observer?.retried();
    const delayMs = this.#limiter.failed(key, conflict);
    this.add(key, { priority: this.#working.get(key) ?? 'change', delayMs });
  }

  /** The work on `key` succeeded (or will never succeed): its failures are forgotten. */
  forget(key: string): void {
    this.#limiter.succeeded(key);
  }

  /** The work on `key` has ended, well or not. */
  done(key: string): void {
    this.#working.delete(key);
    if (this.#waiting.has(key)) this.#place(key);
    this.#handOut();
  }

  /** The next key to work on; waits for one. Undefined once the queue is closed. */
  next(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const key = this.#take();
    if (key !== undefined) return Promise.resolve(key);
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Drops what waits and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#timer?.cancel();
    for (const resolve of this.#idle.splice(0)) resolve(undefined);
  }

  /** Puts a waiting key where it belongs: to the delayed, or into its lane; nowhere while it is worked on. */
  #place(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || this.#working.has(key)) return;
    if (waiting.dueMs <= this.#clock.now()) {
      this.#lanes[waiting.priority].add(groupOf(key), key);
      return;
    }
    this.#delayed.push(key, waiting.dueMs);
    this.#arm();
  }

  #arm(): void {
    const dueMs = this.#delayed.first?.dueMs ?? Infinity;
    if (dueMs >= this.#timerDueMs) return;
    this.#timer?.cancel();
    this.#timerDueMs = dueMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), () => {
      this.#timerDueMs = Infinity;
      this.#releaseDue();
    });
  }

  #releaseDue(): void {
    const nowMs = this.#clock.now();
    for (
      let first = this.#delayed.first;
      first !== undefined && first.dueMs <= nowMs;
      first = this.#delayed.first
    ) {
      this.#delayed.pop();
      // An appointment that was replaced by an earlier one stands for nothing any more.
      if (this.#waiting.get(first.key)?.dueMs === first.dueMs) this.#place(first.key);
    }
    this.#arm();
    this.#handOut();
  }

  #handOut(): void {
    while (this.#idle.length > 0) {
      const key = this.#take();
      if (key === undefined) return;
      this.#idle.shift()?.(key);
    }
  }

  #take(): string | undefined {
    const lane = this.#nextLane();
    const key = this.#lanes[lane].take();
    if (key === undefined) return undefined;
    this.#changesInARow = lane === 'resync' ? 0 : this.#changesInARow + 1;
    const nowMs = this.#clock.now();
    const { priority, dueMs } = this.#waiting.get(key) ?? { priority: lane, dueMs: nowMs };
    this.#waiting.delete(key);
    this.#working.set(key, priority);
    this.#observer?.taken(nowMs - dueMs);
    return key;
  }

  #nextLane(): Priority {
    const { change, resync } = this.#lanes;
    if (resync.size === 0) return 'change';
    return change.size === 0 || this.#changesInARow >= CHANGES_PER_RESYNC ? 'resync' : 'change';
  }
}

function groupOf(key: string): string {
  return parseKey(key).namespace ?? '';
}

function moreUrgent(a: Waiting, b: Waiting): Waiting {
  return {
    priority: a.priority === 'change' ? 'change' : b.priority,
    dueMs: Math.min(a.dueMs, b.dueMs),
  };
}

function isSame(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority && a.dueMs === b.dueMs;
}

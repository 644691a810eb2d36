/** What a controller is made of: what its author declares, what it runs on, and who is told. */
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { QueueObserver, WorkQueue } from '../queue/work-queue.ts';
import type { RetryPolicy } from '../queue/retry-limiter.ts';
import type { Permission } from '../rbac/permission.ts';
import type { Reconcile } from './reconcile.ts';
import type { Source } from './source.ts';

/** A controller as its author declares it. */
export interface ControllerSpec {
  /** Stands in logs and metrics. */
  readonly name: string;
  /** What leads to a reconcile; at least one `watchOwn`. */
  readonly sources: readonly Source[];
  readonly reconcile: Reconcile;
  /** How many objects are reconciled at the same time; default 4. */
  readonly workers?: number;
  /** When a reconcile is given up; default two minutes. */
  readonly timeoutMs?: number;
  /** How often every object is looked at although nothing happened; default 30 minutes, spread by chance. */
  readonly resyncEveryMs?: number;
  readonly retry?: RetryPolicy;
  /** Whether only the leader may run it; default true. */
  readonly needsLeader?: boolean;
  /** What it may do on the API server; manifests are generated from it. */
  readonly permissions?: readonly Permission[];
}

/** How one reconcile ended. */
export type Outcome = 'done' | 'requeued' | 'failed' | 'terminal' | 'timeout';

/** Told what happens, for metrics. */
export interface ControllerObserver {
  reconciled(controller: string, outcome: Outcome, durationMs: number): void;
  /** A run begins with a fresh queue. */
  queue(controller: string, queue: WorkQueue): void;
  queueObserver(controller: string): QueueObserver;
}

export interface ControllerEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: ControllerObserver;
}

/** How a run ends: `stop` lets what is being done finish; `abort` gives it up. */
export interface RunSignals {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** One run of a controller: sources feed a queue, workers empty it, failures come back later. */
import { type ObjectKey, keyText, parseKey } from '#apis/kubernetes/object.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { isConflict } from '#kube/client/api-error.ts';
import { LinkedAbort, aborted } from '#kube/transport/linked-abort.ts';
import type { Timer } from '#platform/clock.ts';
import { type Priority, WorkQueue } from '../queue/work-queue.ts';
import type { ControllerEnvironment, ControllerSpec, Outcome, RunSignals } from './controller-spec.ts';
import { DONE, type Result, isTerminal } from './reconcile.ts';

const DEFAULT_WORKERS = 4;
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_RESYNC_MS = 1_800_000;
/** Resyncs are spread over this share of their period. */
const RESYNC_SPREAD = 0.2;

interface Attempt {
  readonly outcome: Outcome;
  readonly result: Result;
  readonly error?: unknown;
}

/** From its first key to its last. */
export class ControllerRun {
  readonly #spec: ControllerSpec;
  readonly #environment: ControllerEnvironment;
  readonly #signals: RunSignals;
  readonly #queue: WorkQueue;
  #resync: Timer | undefined;

  constructor(spec: ControllerSpec, environment: ControllerEnvironment, signals: RunSignals) {
    this.#spec = spec;
    this.#environment = environment;
    this.#signals = signals;
    const { clock, random, observer } = environment;
    this.#queue = new WorkQueue({
      clock,
      random,
      ...(spec.retry === undefined ? {} : { retry: spec.retry }),
      ...(observer === undefined ? {} : { observer: observer.queueObserver(spec.name) }),
    });
    observer?.queue(spec.name, this.#queue);
  }

  async whole(): Promise<void> {
    const enqueue = (key: ObjectKey, priority: Priority): void => {
      this.#queue.add(keyText(key), { priority });
    };
    const stops = this.#spec.sources.map((source) => source.start(enqueue));
    this.#armResync();
    const end = (): void => {
      for (const stop of stops) stop();
      this.#resync?.cancel();
      this.#queue.close();
    };
    this.#signals.stop.addEventListener('abort', end, { once: true });
    if (this.#signals.stop.aborted) end();
    const workers = Array.from({ length: this.#spec.workers ?? DEFAULT_WORKERS }, () => this.#work());
    await Promise.all(workers);
    this.#signals.stop.removeEventListener('abort', end);
  }

  #armResync(): void {
    const { clock, random } = this.#environment;
    const periodMs = this.#spec.resyncEveryMs ?? DEFAULT_RESYNC_MS;
    this.#resync = clock.after(periodMs, () => {
      for (const key of this.#spec.sources.flatMap((source) => source.ownKeys())) {
        const delayMs = random.next() * periodMs * RESYNC_SPREAD;
        this.#queue.add(keyText(key), { priority: 'resync', delayMs });
      }
      this.#armResync();
    });
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.next(); key !== undefined; key = await this.#queue.next()) {
      await this.#handle(key);
    }
  }

  async #handle(key: string): Promise<void> {
    const { clock, observer } = this.#environment;
    const startedAtMs = clock.now();
    const limit = new LinkedAbort(this.#signals.abort);
    const work = this.#attempt(key, limit.signal);
    const attempt = await this.#withinTime(key, work, limit);
    if (!this.#signals.abort.aborted) {
      observer?.reconciled(this.#spec.name, attempt.outcome, clock.now() - startedAtMs);
    }
    this.#follow(key, attempt);
    if (attempt.outcome !== 'timeout') this.#queue.done(key);
    // It goes on although it was given up: the key is free only when it has really ended.
    else void work.then(() => { this.#queue.done(key); }); // prettier-ignore
  }

  /** The attempt, or a timeout where it takes too long or the run is aborted. */
  async #withinTime(key: string, work: Promise<Attempt>, limit: LinkedAbort): Promise<Attempt> {
    const timeoutMs = this.#spec.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timer = this.#environment.clock.after(timeoutMs, () => {
      const problem = `the reconcile took longer than ${String(timeoutMs / 1000)} s`;
      limit.abort(new KcError('KC_RECONCILE_TIMEOUT', { object: `${this.#spec.name} ${key}`, problem }));
    });
    const given = aborted(limit.signal).then(async (): Promise<Attempt> => {
      // A reconcile that listens to its signal ends by itself now and tells how.
      await new Promise<void>((resolve) => { this.#environment.clock.after(0, resolve); }); // prettier-ignore
      return { outcome: 'timeout', result: DONE, error: limit.signal.reason };
    });
    try {
      return await Promise.race([work, given]);
    } finally {
      timer.cancel();
      limit.release();
    }
  }

  /** Never rejects. */
  async #attempt(key: string, signal: AbortSignal): Promise<Attempt> {
    const failures = this.#queue.failures(key);
    const logger = this.#environment.logger.with({ object: key });
    try {
      const result = await this.#spec.reconcile(parseKey(key), { signal, logger, failures });
      return { outcome: result.requeueAfterMs === undefined ? 'done' : 'requeued', result };
    } catch (error) {
      return { outcome: isTerminal(error) ? 'terminal' : 'failed', result: DONE, error };
    }
  }

  /** What follows from how the attempt ended. */
  #follow(key: string, attempt: Attempt): void {
    if (attempt.outcome === 'done' || attempt.outcome === 'requeued') {
      this.#queue.forget(key);
      const delayMs = attempt.result.requeueAfterMs;
      if (delayMs !== undefined) this.#queue.add(key, { delayMs });
      return;
    }
    this.#report(key, attempt);
    if (attempt.outcome === 'terminal') this.#queue.forget(key);
    else this.#queue.retry(key, isConflict(attempt.error));
  }

  #report(key: string, attempt: Attempt): void {
    if (this.#signals.abort.aborted) return;
    const fields = { object: key, error: messageOf(attempt.error), failures: this.#queue.failures(key) };
    const { logger } = this.#environment;
    // Somebody else wrote first: the normal fate of an optimistic lock.
    if (isConflict(attempt.error)) logger.debug('reconcile met a conflict', fields);
    else if (attempt.outcome === 'terminal') logger.error('reconcile failed for good', fields);
    else logger.warn('reconcile failed', fields);
  }
}

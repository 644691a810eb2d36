/**
 * A process full of controllers: brings its parts up in order, keeps exactly one replica acting, and takes them down
 * in order.
 *
 * Up: servers; informers; when every cache is synced, what needs no leader; when elected, the controllers.
 * Down: not ready any more; controllers finish what they are doing (at most `drainMs`, then they are cut off); the
 * lease is handed over; informers and servers end.
 * Leadership lost: controllers are cut off at once, and when the last has ended the process stands for election again.
 *
 * It may be killed at any point. It holds nothing but what it can read again.
 */
import { Registry } from 'prom-client';
import { messageOf } from '#errors/kc-error.ts';
import { EVENTS, LEASES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { qualifiedName } from '#kube/client/resource-type.ts';
import { LinkedAbort, aborted } from '#kube/transport/linked-abort.ts';
import { type RateLimit, RateLimiter } from '#kube/transport/rate-limiter.ts';
import { RetryingTransport } from '#kube/transport/retrying-transport.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { Informers } from '#kube/watch/informers.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { Controller } from '../controller/controller.ts';
import type { ControllerSpec, RunSignals } from '../controller/controller-spec.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import { FencedTransport } from '../leader/fenced-transport.ts';
import { LeaderElection, type LeaderElectionOptions } from '../leader/leader-election.ts';
import type { Term } from '../leader/term.ts';
import { type Permission, allow } from '../rbac/permission.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { Health } from './health.ts';
import type { Runnable, StartTime } from './runnable.ts';

export interface ManagerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Absent: this process is the only one, and always leads. */
  readonly leaderElection?: Pick<
    LeaderElectionOptions,
    'namespace' | 'name' | 'identity' | 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'
  >;
  /** Who speaks in events; default `kcloud`. */
  readonly component?: string;
  /** Requests per second to the API server, and how many at once; default no limit of our own. */
  readonly rateLimit?: RateLimit;
  /** Watch only this namespace. */
  readonly watchNamespace?: string;
  /** How long controllers may take to finish; default 20 s, within a pod's 30. */
  readonly drainMs?: number;
  /** Where metrics go; default a registry of the manager's own. */
  readonly registry?: Registry;
  /** See Informers; default one hour. */
  readonly relistEveryMs?: number;
}

const DEFAULT_DRAIN_MS = 20_000;

export class Manager {
  /** For whatever only the leader may do: its writes are held back while this process does not surely lead. */
  readonly client: KubeClient;
  /** For what every replica does: webhooks, certificates. Its writes are never held back. */
  readonly directClient: KubeClient;
  readonly informers: Informers;
  /** Tells people what happened. */
  readonly events: EventRecorder;
  readonly health = new Health();
  readonly metrics: RuntimeMetrics;
  readonly #options: ManagerOptions;
  readonly #runnables: Runnable[] = [];
  readonly #permissions: Permission[] = [];
  #term: Term | undefined;
  #running = false;
  #failure: unknown;

  constructor(options: ManagerOptions) {
    this.#options = options;
    const { transport, clock, random, logger, leaderElection, rateLimit } = options;
    this.metrics = new RuntimeMetrics(options.registry ?? new Registry());
    const limiter = rateLimit === undefined ? {} : { limiter: new RateLimiter(rateLimit, clock) };
    const patient = (inner: Transport): KubeClient =>
      new KubeClient(new RetryingTransport(inner, { clock, random, observer: this.metrics, ...limiter }));
    this.directClient = patient(transport);
    // The fence stands below the retries: each attempt asks anew whether it may be sent.
    const fenced = new FencedTransport(transport, () => this.#term);
    this.client = leaderElection === undefined ? this.directClient : patient(fenced);
    this.informers = new Informers({
      client: this.directClient,
      clock,
      random,
      logger,
      observer: this.metrics,
      namespace: options.watchNamespace,
      ...(options.relistEveryMs === undefined ? {} : { relistEveryMs: options.relistEveryMs }),
    });
    this.events = this.#addRecorder();
    this.metrics.watchCaches(() =>
      this.informers.all().map((informer) => [qualifiedName(informer.type), informer.store.size] as const),
    );
    this.health.addReadiness('running', () => {
      if (!this.#running) throw new Error('starting or stopping');
    });
    this.health.addReadiness('caches', () => {
      for (const informer of this.informers.all()) if (!informer.synced) throw notSynced(informer);
    });
  }

  /** Whether this process may act now. */
  get leads(): boolean {
    return this.#options.leaderElection === undefined ? this.#running : this.#term?.holds === true;
  }

  /** What this process needs on the API server: its own needs and what its controllers declare. */
  get permissions(): readonly Permission[] {
    const { leaderElection } = this.#options;
    const names = leaderElection === undefined ? [] : [leaderElection.name];
    const lease = [
      allow(LEASES, ['create'], { ownNamespace: true }),
      allow(LEASES, ['get', 'update'], { ownNamespace: true, names }),
    ];
    return [allow(EVENTS, ['create', 'patch']), ...(names.length === 0 ? [] : lease), ...this.#permissions];
  }

  /** Adds a controller. Its informers come from `manager.informers`. */
  addController(spec: ControllerSpec): void {
    const { clock, random, logger } = this.#options;
    const controller = new Controller(spec, { clock, random, logger, observer: this.metrics });
    this.#permissions.push(...(spec.permissions ?? []));
    const start = spec.needsLeader === false ? 'synced' : 'leading';
    this.add({ name: spec.name, start, run: (signals) => controller.run(signals) });
  }

  add(runnable: Runnable): void {
    this.#runnables.push(runnable);
  }

  /** Runs until `stop` and resolves when all has ended in order. Rejects with what made a part fail. */
  async run(stop: AbortSignal): Promise<void> {
    const halt = new LinkedAbort(stop);
    const abort = new AbortController();
    const last = new AbortController();
    const servers = this.#launch('at once', { stop: last.signal, abort: abort.signal }, halt);
    const caches = this.informers.run(last.signal);
    const work = this.#work(halt, abort.signal);
    await aborted(halt.signal);
    this.#running = false;
    const drain = this.#options.clock.after(this.#options.drainMs ?? DEFAULT_DRAIN_MS, () => {
      abort.abort(new Error('the time to finish is over'));
    });
    await work;
    drain.cancel();
    last.abort(new Error('stopping'));
    await Promise.all([servers, caches]);
    halt.release();
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  #addRecorder(): EventRecorder {
    const { clock, random, logger, component = 'kcloud', leaderElection } = this.#options;
    const recorder = new EventRecorder({
      client: this.directClient,
      clock,
      random,
      logger,
      source: { component, instance: leaderElection?.identity ?? component },
      observer: (fate) => { this.metrics.eventFate(fate); }, // prettier-ignore
    });
    this.add(recorder);
    return recorder;
  }

  async #work(halt: LinkedAbort, abort: AbortSignal): Promise<void> {
    const stop = halt.signal;
    await Promise.race([this.informers.whenSynced(), aborted(stop)]);
    if (stop.aborted) return;
    this.#running = true;
    await Promise.all([this.#launch('synced', { stop, abort }, halt), this.#lead(halt, abort)]);
  }

  /** Leads whenever elected, until stopped. */
  async #lead(halt: LinkedAbort, abort: AbortSignal): Promise<void> {
    const { leaderElection, clock, random, logger } = this.#options;
    const stop = halt.signal;
    if (leaderElection === undefined) {
      this.metrics.leading(true);
      await this.#launch('leading', { stop, abort }, halt);
      return;
    }
    // Its calls are repeated by its own clockwork only.
    const client = new KubeClient(this.#options.transport);
    const election = new LeaderElection({ ...leaderElection, client, clock, random, logger });
    for (let term = await election.campaign(stop); term !== undefined; term = await election.campaign(stop)) {
      await this.#serve(term, { stop, abort }, halt);
      await election.release();
    }
  }

  /** One term: controllers run until stopped, or are cut off when the term is lost. */
  async #serve(term: Term, signals: RunSignals, halt: LinkedAbort): Promise<void> {
    this.#term = term;
    this.metrics.leading(true);
    const stop = new LinkedAbort(signals.stop, term.lost);
    const abort = new LinkedAbort(signals.abort, term.lost);
    await Promise.all([
      this.#launch('leading', { stop: stop.signal, abort: abort.signal }, halt),
      aborted(stop.signal),
    ]);
    stop.release();
    abort.release();
    this.metrics.leading(false);
  }

  /** Runs all parts of one kind; one that fails stops the process. Never rejects. */
  async #launch(start: StartTime, signals: RunSignals, halt: LinkedAbort): Promise<void> {
    const parts = this.#runnables.filter((runnable) => runnable.start === start);
    await Promise.all(
      parts.map(async (part) => {
        try {
          await part.run(signals);
        } catch (error) {
          this.#options.logger.error('a part of the process failed', {
            part: part.name,
            error: messageOf(error),
          });
          this.#failure ??= error;
          halt.abort(new Error(`${part.name} failed`));
        }
      }),
    );
  }
}

function notSynced(informer: {
  readonly type: Parameters<typeof qualifiedName>[0];
  readonly lastError: unknown;
}): Error {
  const why = informer.lastError === undefined ? '' : `: ${messageOf(informer.lastError)}`;
  return new Error(`${qualifiedName(informer.type)} not synced${why}`);
}

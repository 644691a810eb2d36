/**
 * The runtime's own metrics. Names and labels are stable: dashboards and alerts are written against them.
 * Product metrics go into the same registry.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type ResourceType, qualifiedName } from '#kube/client/resource-type.ts';
import type { RequestObserver } from '#kube/transport/retrying-transport.ts';
import type { WireRequest } from '#kube/transport/transport.ts';
import type { ReflectorObserver } from '#kube/watch/reflector.ts';
import type { AdmissionOutcome } from '../admission/decide.ts';
import type { ControllerObserver, Outcome } from '../controller/controller-spec.ts';
import type { EventFate } from '../events/event-recorder.ts';
import type { QueueObserver, WorkQueue } from '../queue/work-queue.ts';

/** Reconciles take from a millisecond (nothing to do) to minutes (a slow metrics source). */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120];

export class RuntimeMetrics implements ControllerObserver, ReflectorObserver, RequestObserver {
  readonly registry: Registry;
  readonly #queues = new Map<string, WorkQueue>();
  readonly #reconciles: Counter<'controller' | 'outcome'>;
  readonly #reconcileSeconds: Histogram<'controller'>;
  readonly #added: Counter<'controller'>;
  readonly #retried: Counter<'controller'>;
  readonly #waitSeconds: Histogram<'controller'>;
  readonly #lists: Counter<'resource'>;
  readonly #watchEnds: Counter<'resource' | 'result'>;
  readonly #requests: Counter<'method' | 'code'>;
  readonly #requestSeconds: Histogram<'method'>;
  readonly #events: Counter<'fate'>;
  readonly #admissions: Counter<'webhook' | 'outcome'>;
  readonly #admissionSeconds: Histogram<'webhook'>;
  readonly #leading: Gauge;

  constructor(registry: Registry) {
    this.registry = registry;
    this.#reconciles = this.#counter('reconcile_total', 'Reconciles by outcome.', ['controller', 'outcome']);
    this.#reconcileSeconds = this.#seconds('reconcile_seconds', 'How long reconciles took.', 'controller');
    this.#added = this.#counter('queue_adds_total', 'Keys added to the work queue.', ['controller']);
    this.#retried = this.#counter('queue_retries_total', 'Keys added again after a failure.', ['controller']);
    this.#waitSeconds = this.#seconds('queue_wait_seconds', 'How long ready keys waited.', 'controller');
    this.#lists = this.#counter('watch_lists_total', 'Complete states taken over.', ['resource']);
    this.#watchEnds = this.#counter('watch_ends_total', 'Watches that ended.', ['resource', 'result']);
    this.#requests = this.#counter('api_requests_total', 'Calls of the API server.', ['method', 'code']);
    this.#requestSeconds = this.#seconds('api_request_seconds', 'How long calls took.', 'method');
    this.#events = this.#counter('events_total', 'Events by what became of them.', ['fate']);
    this.#admissions = this.#counter('admission_total', 'Admission decisions.', ['webhook', 'outcome']);
    this.#admissionSeconds = this.#seconds('admission_seconds', 'How long decisions took.', 'webhook');
    this.#leading = new Gauge({
      name: 'kcloud_runtime_leader',
      help: 'Whether this process is the leader (1) or not (0).',
      registers: [registry],
    });
    this.#queueGauge('queue_depth', 'Keys that wait for a worker.', (queue) => queue.depth);
    this.#queueGauge('queue_working', 'Keys that are being reconciled.', (queue) => queue.working);
  }

  reconciled(controller: string, outcome: Outcome, durationMs: number): void {
    this.#reconciles.inc({ controller, outcome });
    this.#reconcileSeconds.observe({ controller }, durationMs / 1000);
  }

  queue(controller: string, queue: WorkQueue): void {
    this.#queues.set(controller, queue);
  }

  queueObserver(controller: string): QueueObserver {
    return {
      added: () => { this.#added.inc({ controller }); },
      retried: () => { this.#retried.inc({ controller }); },
      taken: (waitedMs) => { this.#waitSeconds.observe({ controller }, waitedMs / 1000); },
    }; // prettier-ignore
  }

  listed(type: ResourceType): void {
    this.#lists.inc({ resource: qualifiedName(type) });
  }

  watchEnded(type: ResourceType, error?: unknown): void {
    this.#watchEnds.inc({ resource: qualifiedName(type), result: error === undefined ? 'closed' : 'failed' });
  }

  /** A watch counts with the time until its stream began. */
  requested(request: WireRequest, status: number | undefined, durationMs: number): void {
    const method = request.stream === true ? 'WATCH' : request.method;
    this.#requests.inc({ method, code: status ?? 'none' });
    this.#requestSeconds.observe({ method }, durationMs / 1000);
  }

  eventFate(fate: EventFate): void {
    this.#events.inc({ fate });
  }

  /** An observer for Admission. */
  admitted(webhook: string, outcome: AdmissionOutcome, durationMs: number): void {
    this.#admissions.inc({ webhook, outcome });
    this.#admissionSeconds.observe({ webhook }, durationMs / 1000);
  }

  /** Whether this process leads. */
  leading(leads: boolean): void {
    this.#leading.set(leads ? 1 : 0);
  }

  /** Shows how many objects each informer holds, asked when metrics are read. */
  watchCaches(sizes: () => Iterable<readonly [resource: string, objects: number]>): void {
    this.#gauge({ name: 'cached_objects', help: 'Objects held in local copies.', label: 'resource' }, sizes);
  }

  #queueGauge(name: string, help: string, read: (queue: WorkQueue) => number): void {
    const values = (): [string, number][] =>
      [...this.#queues].map(([controller, queue]) => [controller, read(queue)]);
    this.#gauge({ name, help, label: 'controller' }, values);
  }

  #gauge(
    about: { readonly name: string; readonly help: string; readonly label: string },
    values: () => Iterable<readonly [string, number]>,
  ): void {
    new Gauge({
      name: `kcloud_runtime_${about.name}`,
      help: about.help,
      labelNames: [about.label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [labelValue, value] of values()) this.inc({ [about.label]: labelValue }, value);
      },
    });
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name: `kcloud_runtime_${name}`, help, labelNames, registers: [this.registry] });
  }

  #seconds<L extends string>(name: string, help: string, label: L): Histogram<L> {
    return new Histogram({
      name: `kcloud_runtime_${name}`,
      help,
      labelNames: [label],
      buckets: SECONDS,
      registers: [this.registry],
    });
  }
}

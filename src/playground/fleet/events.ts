/** Events as the real components write them: repeated ones are counted instead of written again. */
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { Event } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, type ObjectKey, keyOf } from '#apis/kubernetes/object.ts';
import { EVENTS } from '#kube/client/builtin-types.ts';
import { type Clock, rfc3339 } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { nameOf, namespaceOf, uidOf } from './meta.ts';

/** What happened to an object. */
export interface FleetEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who says so, e.g. `kubelet` or `deployment-controller`. */
  readonly component: string;
  readonly host?: string;
  /** A part of the object, e.g. `spec.containers{app}`. */
  readonly fieldPath?: string;
}

export interface EventSink {
  emit(object: KubeObject, event: FleetEvent): void;
}

/** For runs that nobody reads events of. */
export const noEvents: EventSink = { emit: () => undefined };

interface Known {
  readonly key: ObjectKey;
  count: number;
  lastMs: number;
}

/** client-go starts a new event where the last of its kind is older than this. */
const FORGET_MS = 600_000;
const MAX_KNOWN = 4096;

export class EventRecorder implements EventSink {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();
  /** Writes go out one after the other, as from the one broadcaster of a component. */
  #tail: Promise<void> = Promise.resolve();
  #sequence = 0;

  constructor(options: { readonly access: ClusterAccess; readonly clock: Clock; readonly logger: Logger }) {
    this.#access = options.access;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  emit(object: KubeObject, event: FleetEvent): void {
    const nowMs = this.#clock.now();
    this.#tail = this.#tail.then(async () => {
      try {
        await this.#write(object, event, nowMs);
      } catch (error) {
        if (!(error instanceof KcError)) throw error;
        this.#logger.debug('an event was not written', { reason: event.reason, error: messageOf(error) });
      }
    });
  }

  async #write(object: KubeObject, event: FleetEvent, nowMs: number): Promise<void> {
    const identity = [uidOf(object), event.type, event.reason, event.message, event.component].join('\n');
    const known = this.#known.get(identity);
    if (known !== undefined && nowMs - known.lastMs < FORGET_MS) {
      known.count += 1;
      known.lastMs = nowMs;
      const body = { count: known.count, lastTimestamp: rfc3339(nowMs) };
      await this.#access.mergePatch(EVENTS, known.key, { body });
      return;
    }
    this.#sequence += 1;
    const created = await this.#access.create(
      EVENTS,
      eventObject(object, event, { nowMs, sequence: this.#sequence }),
    );
    if (this.#known.size >= MAX_KNOWN) this.#forget(nowMs);
    this.#known.set(identity, { key: keyOf(created), count: 1, lastMs: nowMs });
  }

  /** What is out of date, and so many of the oldest that there is room for a while. */
  #forget(nowMs: number): void {
    for (const [identity, known] of this.#known) {
      if (nowMs - known.lastMs >= FORGET_MS || this.#known.size > MAX_KNOWN / 2) this.#known.delete(identity);
    }
  }
}

function eventObject(
  object: KubeObject,
  event: FleetEvent,
  { nowMs, sequence }: { readonly nowMs: number; readonly sequence: number },
): Event {
  const time = rfc3339(nowMs);
  const namespace = namespaceOf(object) === '' ? 'default' : namespaceOf(object);
  // client-go names events by the nanosecond; within one virtual instant a sequence number tells them apart.
  const suffix = (BigInt(nowMs) * 1_000_000n + BigInt(sequence % 1_000_000)).toString(16);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${nameOf(object)}.${suffix}`, namespace },
    involvedObject: {
      ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
      ...(object.kind === undefined ? {} : { kind: object.kind }),
      name: nameOf(object),
      ...(namespaceOf(object) === '' ? {} : { namespace: namespaceOf(object) }),
      uid: uidOf(object),
      ...(event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }),
    },
    type: event.type,
    reason: event.reason,
    message: event.message,
    source: { component: event.component, ...(event.host === undefined ? {} : { host: event.host }) },
    reportingComponent: event.component,
    reportingInstance: event.host ?? '',
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

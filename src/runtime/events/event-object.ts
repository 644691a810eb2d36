/** Events as the API server keeps them (core/v1, which `kubectl describe` reads). */
import type { Event } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';
import { truncated } from '../conditions/conditions.ts';
import type { Occurrence } from './event-types.ts';

export interface EventSource {
  /** The controller or product, e.g. `cost-optimizer-operator`. */
  readonly component: string;
  /** The process, e.g. the pod's name. */
  readonly instance: string;
}

/** An Event that exists on the server, as far as we need to know it. */
export interface PublishedEvent {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

/** How often it happened, and what to say about it. */
export interface Tally {
  readonly occurrence: Occurrence;
  readonly message: string;
  readonly count: number;
}

/** As client-go: longer notes are refused by events.k8s.io/v1. */
const MAX_MESSAGE_CHARACTERS = 1024;
const MAX_NAME_CHARACTERS = 253;

/** A new Event. `suffix` makes its name unique. */
export function newEvent(
  tally: Tally,
  source: EventSource,
  when: { readonly nowMs: number; readonly suffix: string },
): Event {
  const { object, type, reason } = tally.occurrence;
  const { namespace, name = '', uid, resourceVersion } = object.metadata ?? {};
  const now = rfc3339(when.nowMs);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, MAX_NAME_CHARACTERS - when.suffix.length - 1)}.${when.suffix}`,
      namespace: namespaceOf(tally.occurrence),
    },
    involvedObject: {
      name,
      ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
      ...(object.kind === undefined ? {} : { kind: object.kind }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type,
    reason,
    message: truncated(tally.message, MAX_MESSAGE_CHARACTERS),
    count: tally.count,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: source.component },
    reportingComponent: source.component,
    reportingInstance: source.instance,
  };
}

/** What changes in an Event when the same happens again. */
export function repetition(published: PublishedEvent, tally: Tally, nowMs: number): object {
  return {
    count: published.count + tally.count,
    lastTimestamp: rfc3339(nowMs),
    message: truncated(tally.message, MAX_MESSAGE_CHARACTERS),
  };
}

/** Events of cluster-scoped objects stand in the namespace `default`. */
export function namespaceOf(occurrence: Occurrence): string {
  return occurrence.object.metadata?.namespace ?? 'default';
}

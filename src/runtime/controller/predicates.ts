/** Which changes are worth a reconcile. A predicate is asked for every change that a source sees. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { sameJson } from '#kube/patch/json-equal.ts';
import type { Change } from '#kube/store/change.ts';

export type Predicate<T extends KubeObject = KubeObject> = (change: Change<T>) => boolean;

/** A predicate that lets additions and deletions pass and compares the two states of a modification. */
function onModified<T extends KubeObject>(differs: (previous: T, object: T) => boolean): Predicate<T> {
  return ({ previous, object, type }) =>
    type !== 'MODIFIED' || previous === undefined || differs(previous, object);
}

/** The spec changed, or deletion began. Ignores writes to status and metadata, our own above all. */
export const generationChanged: Predicate = onModified(
  (previous, object) =>
    previous.metadata?.generation !== object.metadata?.generation ||
    previous.metadata?.deletionTimestamp !== object.metadata?.deletionTimestamp,
);

export const labelsChanged: Predicate = onModified(
  (previous, object) => !sameJson(previous.metadata?.labels ?? {}, object.metadata?.labels ?? {}),
);

export const annotationsChanged: Predicate = onModified(
  (previous, object) => !sameJson(previous.metadata?.annotations ?? {}, object.metadata?.annotations ?? {}),
);

/** One annotation or label was added, removed or got another value. */
export function metadataChanged(kind: 'labels' | 'annotations', name: string): Predicate {
  return onModified(
    (previous, object) => previous.metadata?.[kind]?.[name] !== object.metadata?.[kind]?.[name],
  );
}

/** The object was written at all; drops what a relist merely repeats. */
export const resourceVersionChanged: Predicate = onModified(
  (previous, object) => previous.metadata?.resourceVersion !== object.metadata?.resourceVersion,
);

/** What `read` takes from the object differs (as JSON). */
export function valueChanged<T extends KubeObject>(read: (object: T) => unknown): Predicate<T> {
  return onModified((previous, object) => !sameJson(read(previous), read(object)));
}

export function anyOf<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.some((predicate) => predicate(change));
}

export function allOf<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.every((predicate) => predicate(change));
}

export function not<T extends KubeObject>(predicate: Predicate<T>): Predicate<T> {
  return (change) => !predicate(change);
}

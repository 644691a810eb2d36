/** What is dropped from objects before they are kept: memory that no decision reads. */
import type { KubeObject } from '#apis/kubernetes/object.ts';

/** Returns what is kept of an object that has just been parsed; it may change the object in place. */
export type Transform<T extends KubeObject = KubeObject> = (object: T) => T;

/** Holds what an object's author last applied; as large as the object itself. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The default: drops who owns which field, which only server-side apply on the server reads. */
export function dropManagedFields<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  if (metadata?.managedFields === undefined) return object;
  const { managedFields: _dropped, ...kept } = metadata;
  return { ...object, metadata: kept };
}

/**
 * Drops the copy that `kubectl apply` keeps in an annotation too. Only for kinds that are never written back
 * whole: an update (PUT) of such an object would erase the annotation on the server.
 */
export function dropLastApplied<T extends KubeObject>(object: T): T {
  const lean = dropManagedFields(object);
  const { metadata } = lean;
  if (metadata?.annotations?.[LAST_APPLIED] === undefined) return lean;
  const { [LAST_APPLIED]: _dropped, ...annotations } = metadata.annotations;
  return { ...lean, metadata: { ...metadata, annotations } };
}

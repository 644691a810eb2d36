/**
 * Finalizers: an object that carries ours is not gone before we have cleaned up after it. The list is shared with
 * others, so every write holds the resource version that was read; a conflict means: read again and try again.
 */
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';

/** Whose finalizer it is, on which kind of object. */
export interface FinalizerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  /** A qualified name: `example.com/cleanup`. */
  readonly finalizer: string;
  readonly fieldManager: string;
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata?.finalizers?.includes(finalizer) === true;
}

/** Deletion has begun: nothing may be made any more, only cleaned up. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

/** The object with the finalizer. Writes only where it is missing. Never adds one to an object that is going. */
export async function addFinalizer<T extends KubeObject>(
  object: T,
  options: FinalizerOptions<T>,
): Promise<T> {
  if (hasFinalizer(object, options.finalizer) || isBeingDeleted(object)) return object;
  return write(object, [...(object.metadata?.finalizers ?? []), options.finalizer], options);
}

/** The object without the finalizer; undefined where it is gone. Call it when the cleaning up is done. */
export async function removeFinalizer<T extends KubeObject>(
  object: T,
  options: FinalizerOptions<T>,
): Promise<T | undefined> {
  if (!hasFinalizer(object, options.finalizer)) return object;
  const left = object.metadata?.finalizers?.filter((name) => name !== options.finalizer) ?? [];
  try {
    return await write(object, left, options);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function write<T extends KubeObject>(
  object: T,
  finalizers: readonly string[],
  options: FinalizerOptions<T>,
): Promise<T> {
  const { client, type, fieldManager } = options;
  const { resourceVersion, uid } = object.metadata ?? {};
  const body = { metadata: { resourceVersion, uid, finalizers } };
  return client.patch(type, keyOf(object), { patch: 'merge', body, fieldManager });
}

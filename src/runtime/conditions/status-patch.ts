/** Writes the status of an object: at most one patch per reconcile, and none where nothing changed. */
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Informer } from '#kube/watch/informer.ts';
import { mergePatch } from '#kube/patch/merge-patch.ts';

export interface StatusWrite<T extends KubeObject> {
  readonly type: ResourceType<T>;
  /** The object as it was read at the beginning of the reconcile. */
  readonly object: T & { readonly status?: object };
  /** The status as it should be. */
  readonly status: object;
  readonly fieldManager: string;
  /**
   * Refuse with a conflict where the object changed since it was read; default true, because a status is a
   * conclusion from what was read.
   */
  readonly lock?: boolean;
  readonly signal?: AbortSignal;
  /** Where the answer is put ahead of the watch, so that the next reconcile does not start from the old status. */
  readonly informer?: Informer<T>;
}

/**
 * Patches what differs. Resolves with the object as the server has it then; with the one that was given where there
 * was nothing to write.
 */
export async function patchStatus<T extends KubeObject>(
  client: KubeClient,
  write: StatusWrite<T>,
): Promise<T> {
  const { type, object, status, fieldManager } = write;
  const change = mergePatch(object.status ?? {}, status);
  if (change === undefined) return object;
  const lock =
    write.lock === false ? {} : { metadata: { resourceVersion: object.metadata?.resourceVersion } };
  const written = await client.patch(type, keyOf(object), {
    patch: 'merge',
    subresource: 'status',
    body: { ...lock, status: change },
    fieldManager,
    ...(write.signal === undefined ? {} : { signal: write.signal }),
  });
  write.informer?.observe(written);
  return written;
}

/**
 * What the simulated components (scheduler, kubelets, workload controllers) need of a cluster. The playground's
 * API server implements it straight on its storage; for a real API server it is implemented with informers and
 * a client, so that the same fleet plays the nodes of both.
 */
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';

export interface ClusterChange<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** The state before the change; undefined for ADDED. */
  readonly previous: T | undefined;
}

/** How `ClusterAccess.delete` ends an object. */
export interface DeleteChoice {
  /** As any client deletes: a pod keeps its grace period, and its kubelet ends it. Default: at once. */
  readonly graceful?: boolean;
  /** Only this very object; a successor of the same name stays. */
  readonly uid?: string;
}

export interface ClusterAccess {
  /** The local view, never to be mutated. May lag behind the server; on the playground it never does. */
  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[];
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined;
  /** Calls the listener for every existing object and every later change; returns how to stop. */
  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    listener: (change: ClusterChange<T>) => void,
  ): () => void;
  /** Creates; `metadata.generateName` gets its suffix from the server. */
  create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T>;
  /** A JSON merge patch of the object or of a subresource. Rejects with ApiError, as every call here. */
  mergePatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    change: { readonly body: unknown; readonly subresource?: string },
  ): Promise<T>;
  /** Deletes at once (grace period 0), as the component that owns the object's end, unless `graceful`. */
  delete(type: ResourceType, key: ObjectKey, choice?: DeleteChoice): Promise<void>;
  /** Binds a pending pod to a node. */
  bind(pod: ObjectKey, nodeName: string): Promise<void>;
  /** Asks the disruption budgets and deletes gracefully. Rejects with status 429 where a budget forbids it now. */
  evict(pod: ObjectKey): Promise<void>;
}

/** Finds the workload of a pod: its StatefulSet or DaemonSet, or the Deployment behind its ReplicaSet. */
import type { Pod, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { type OwnerReference, controllerOf } from '#apis/kubernetes/object.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { REPLICA_SETS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type CallLimits } from './metrics-api.ts';

/** Above this many unknown ReplicaSets one list is cheaper than single reads. */
const LIST_ABOVE = 20;
const APPS = /^apps\//;

/** Undefined: known to belong to no Deployment. */
type Owner = WorkloadRef | undefined;

export class Owners {
  readonly #client: KubeClient;
  /** By the uid of the ReplicaSet, whose owner never changes in practice. */
  #replicaSets = new Map<string, Owner>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Learns the ReplicaSets of these pods, and forgets those of no pod. Never rejects: `ownerOf` falls back to names. */
  async learn(pods: readonly Pod[], limits: CallLimits): Promise<void> {
    const current = new Map<string, Owner>();
    const missing = new Map<string, { readonly namespace: string; readonly name: string }>();
    for (const pod of pods) {
      const owner = replicaSetOf(pod);
      if (owner === undefined) continue;
      if (this.#replicaSets.has(owner.uid)) current.set(owner.uid, this.#replicaSets.get(owner.uid));
      else missing.set(owner.uid, { namespace: pod.metadata?.namespace ?? '', name: owner.name });
    }
    this.#replicaSets = current;
    try {
      if (missing.size > LIST_ABOVE) await this.#listAll(missing, limits);
      else for (const key of missing.values()) this.#keep(await this.#client.find(REPLICA_SETS, key));
    } catch {
      // Not allowed to, or gone: the names of its pods tell the Deployment until a later poll can read it.
    }
  }

  async #listAll(missing: ReadonlyMap<string, unknown>, limits: CallLimits): Promise<void> {
    const bare = ({ metadata }: ReplicaSet): ReplicaSet => ({ metadata: ownersOnly(metadata) });
    const { items } = await this.#client.list(REPLICA_SETS, limits, bare);
    for (const item of items) if (missing.has(item.metadata?.uid ?? '')) this.#keep(item);
  }

  #keep(replicaSet: ReplicaSet | undefined): void {
    const uid = replicaSet?.metadata?.uid;
    if (replicaSet === undefined || uid === undefined) return;
    const owner = controllerOf(replicaSet);
    const namespace = replicaSet.metadata?.namespace ?? '';
    const isDeployment = owner?.kind === 'Deployment' && APPS.test(owner.apiVersion);
    this.#replicaSets.set(
      uid,
      isDeployment ? { kind: 'Deployment', namespace, name: owner.name } : undefined,
    );
  }

  /** The workload of a pod, or undefined where it belongs to none whose pods we size. */
  ownerOf(pod: Pod): WorkloadRef | undefined {
    const owner = controllerOf(pod);
    const namespace = pod.metadata?.namespace ?? '';
    if (owner === undefined || !APPS.test(owner.apiVersion)) return undefined;
    if (owner.kind === 'StatefulSet' || owner.kind === 'DaemonSet') {
      return { kind: owner.kind, namespace, name: owner.name };
    }
    if (owner.kind !== 'ReplicaSet') return undefined;
    return this.#replicaSets.has(owner.uid) ? this.#replicaSets.get(owner.uid) : byName(pod, owner);
  }
}

function replicaSetOf(pod: Pod): OwnerReference | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === 'ReplicaSet' && APPS.test(owner.apiVersion) ? owner : undefined;
}

/** A Deployment names its ReplicaSets after itself and the hash with which it labels their pods. */
function byName(pod: Pod, owner: OwnerReference): Owner {
  const suffix = `-${pod.metadata?.labels?.['pod-template-hash'] ?? ''}`;
  if (suffix === '-' || !owner.name.endsWith(suffix)) return undefined;
  const name = owner.name.slice(0, -suffix.length);
  return { kind: 'Deployment', namespace: pod.metadata?.namespace ?? '', name };
}

function ownersOnly(metadata: ReplicaSet['metadata']): NonNullable<ReplicaSet['metadata']> {
  const { name, namespace, uid, ownerReferences } = metadata ?? {};
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
}

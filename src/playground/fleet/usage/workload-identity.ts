/** Which workload a pod belongs to, found through its owners. */
import { DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, type OwnerReference, controllerOf } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { createdMs, labelsOf, nameOf, namespaceOf, uidOf } from '../meta.ts';

export interface WorkloadIdentity {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Undefined where the owner is not to be seen. */
  readonly uid: string | undefined;
  readonly createdMs: number;
  readonly replicas: number;
}

const OWNERS: Readonly<Record<string, ResourceType>> = {
  Deployment: DEPLOYMENTS,
  ReplicaSet: REPLICA_SETS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
  Job: JOBS,
};

/** `Deployment/shop/web`. */
export function identityKey(identity: Pick<WorkloadIdentity, 'kind' | 'namespace' | 'name'>): string {
  return `${identity.kind}/${identity.namespace}/${identity.name}`;
}

/** The topmost owner: a Deployment rather than its ReplicaSet. A pod without an owner is its own workload. */
export function workloadOf(access: Pick<ClusterAccess, 'get'>, pod: Pod): WorkloadIdentity {
  const namespace = namespaceOf(pod);
  let found: KubeObject = pod;
  let owner = controllerOf(pod);
  if (owner === undefined) return identify(pod, { kind: 'Pod', name: nameOf(pod) }, namespace);
  for (;;) {
    const next = lookUp(access, owner, namespace);
    if (next === undefined) return unseen(owner, pod, namespace);
    found = next;
    const above = controllerOf(next);
    if (above === undefined || OWNERS[above.kind] === undefined) break;
    owner = above;
  }
  return identify(found, owner, namespace);
}

function lookUp(
  access: Pick<ClusterAccess, 'get'>,
  owner: OwnerReference,
  namespace: string,
): KubeObject | undefined {
  const type = OWNERS[owner.kind];
  return type === undefined ? undefined : access.get(type, { namespace, name: owner.name });
}

/** The owner is gone, unknown, or not yet in the local view: what its name tells must do. */
function unseen(owner: OwnerReference, pod: Pod, namespace: string): WorkloadIdentity {
  const hash = labelsOf(pod)['pod-template-hash'];
  const isOfDeployment = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  const name = isOfDeployment ? owner.name.slice(0, -hash.length - 1) : owner.name;
  const kind = isOfDeployment ? 'Deployment' : owner.kind;
  return { ...identify(pod, { kind, name }, namespace), uid: undefined };
}

interface Named {
  readonly kind: string;
  readonly name: string;
}

function identify(object: KubeObject, { kind, name }: Named, namespace: string): WorkloadIdentity {
  return {
    kind,
    namespace,
    name,
    uid: uidOf(object),
    createdMs: createdMs(object),
    replicas: replicasOf(object),
  };
}

interface Sized {
  readonly spec?: { readonly replicas?: number; readonly parallelism?: number };
  readonly status?: { readonly desiredNumberScheduled?: number };
}

/** How many pods it wants, as far as it tells. */
function replicasOf(object: KubeObject): number {
  const { spec, status } = object as KubeObject & Sized;
  return spec?.replicas ?? spec?.parallelism ?? (status?.desiredNumberScheduled || 1);
}

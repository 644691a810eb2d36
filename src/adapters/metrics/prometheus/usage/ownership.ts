/**
 * Which workload the pods of a base belong to. kube-state-metrics knows for sure, also of the past; without it, or where
 * it missed something, names decide.
 */
import { type WorkloadKind, type WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { Labels } from '../client/range-series.ts';
import { CUT_BASE_LENGTH, type PodBase, podBase, splitReplicaSet } from './pod-names.ts';

/**
 * Shorter hashes are taken only on the word of kube-state-metrics: `web-v2` may be a DaemonSet, and of 100,000
 * ReplicaSets two have a hash below six characters.
 */
const MIN_SURE_HASH = 6;

/** The owner of a ReplicaSet: a Deployment by name, or null for anything else. */
type ReplicaSetOwners = ReadonlyMap<string, string | null>;

export class Ownership {
  readonly #wanted: ReadonlyMap<string, WorkloadRef>;
  /** By the first 58 characters of names that pods carry only so far. */
  readonly #cut: ReadonlyMap<string, WorkloadRef>;
  readonly #replicaSets: ReplicaSetOwners;
  readonly #byNamespace: ReadonlyMap<string, readonly WorkloadRef[]>;

  /** `owners`: label sets of kube_replicaset_owner, with plain label names. */
  constructor(workloads: readonly WorkloadRef[], owners: readonly ReplicaSetOwner[]) {
    this.#wanted = new Map(
      workloads.map((workload) => [keyOf(workload.kind, workload.namespace, workload.name), workload]),
    );
    // One character less, and what is cut is the dash after the name.
    const long = workloads.filter(({ name }) => name.length >= CUT_BASE_LENGTH - 1);
    this.#cut = new Map(
      long.map((workload) => [`${workload.namespace}/${cutName(workload.name)}`, workload]),
    );
    this.#replicaSets = ownersByName(owners);
    this.#byNamespace = Map.groupBy(workloads, ({ namespace }) => namespace);
  }

  /** The workload whose pods have this base, or undefined where it is none of those asked for. */
  workloadOf(namespace: string, { base, ordinal }: PodBase): WorkloadRef | undefined {
    const statefulSet = ordinal ? this.#find('StatefulSet', namespace, base) : undefined;
    // A random part of digits only looks like an ordinal.
    return statefulSet ?? this.#byReplicaSet(namespace, base) ?? this.#cut.get(`${namespace}/${base}`);
  }

  /** Those asked for in a namespace. */
  workloadsIn(namespace: string): readonly WorkloadRef[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** The workload of a pod by its name. */
  workloadOfPod(namespace: string, pod: string): WorkloadRef | undefined {
    const base = podBase(pod);
    return base === undefined ? undefined : this.workloadOf(namespace, base);
  }

  #byReplicaSet(namespace: string, base: string): WorkloadRef | undefined {
    const owner = this.#replicaSets.get(`${namespace}/${base}`);
    if (owner === null) return undefined;
    if (owner !== undefined) return this.#find('Deployment', namespace, owner);
    const daemonSet = this.#find('DaemonSet', namespace, base);
    if (daemonSet !== undefined) return daemonSet;
    const { deployment = '', hash = '' } = splitReplicaSet(base) ?? {};
    // Of a name near the limit the pods carry a part of the hash only.
    const sure = Math.min(MIN_SURE_HASH, CUT_BASE_LENGTH - 1 - deployment.length);
    return hash.length >= sure ? this.#find('Deployment', namespace, deployment) : undefined;
  }

  #find(kind: WorkloadKind, namespace: string, name: string): WorkloadRef | undefined {
    return this.#wanted.get(keyOf(kind, namespace, name));
  }
}

export interface ReplicaSetOwner {
  readonly namespace: string;
  readonly replicaSet: string;
  readonly ownerKind: string;
  readonly ownerName: string;
}

/** From the labels of kube_replicaset_owner. */
export function replicaSetOwner(labels: Labels, namespaceLabel: string): ReplicaSetOwner | undefined {
  const { replicaset: replicaSet, owner_kind: ownerKind, owner_name: ownerName } = labels;
  const namespace = labels[namespaceLabel];
  if (namespace === undefined || replicaSet === undefined || ownerKind === undefined) return undefined;
  return { namespace, replicaSet, ownerKind, ownerName: ownerName ?? '' };
}

/**
 * A ReplicaSet may have been seen before its Deployment had adopted it, and once more afterwards: the Deployment wins.
 */
function ownersByName(owners: readonly ReplicaSetOwner[]): ReplicaSetOwners {
  const byName = new Map<string, string | null>();
  for (const { namespace, replicaSet, ownerKind, ownerName } of owners) {
    const key = `${namespace}/${replicaSet}`;
    if (ownerKind === 'Deployment') byName.set(key, ownerName);
    else if (!byName.has(key)) byName.set(key, null);
  }
  return byName;
}

function keyOf(kind: WorkloadKind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

/** As the base of a cut pod name reads: without the dash that may stand at its end. */
function cutName(name: string): string {
  return name.slice(0, CUT_BASE_LENGTH).replace(/-$/, '');
}

/** Objects by owner and pods by node, kept up to date from changes, so that no reconcile searches everything. */
import type { ControllerRevision, Job, Pod, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, controllerOf } from '#apis/kubernetes/object.ts';
import { JOBS, PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { uidOf } from './meta.ts';
import { SelectorIndex } from './selector-index.ts';

export const CONTROLLER_REVISIONS: ResourceType<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  kind: 'ControllerRevision',
  namespaced: true,
};

/** Objects grouped by a text that is read from them. */
export class ChangeIndex<T extends KubeObject> {
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #stop: () => void;

  constructor(
    source: { access: ClusterAccess; type: ResourceType<T> },
    groupOf: (object: T) => string | undefined,
  ) {
    this.#stop = source.access.onChange(source.type, ({ type, object, previous }) => {
      const before = previous === undefined ? undefined : groupOf(previous);
      const after = type === 'DELETED' ? undefined : groupOf(object);
      if (before !== undefined && before !== after) this.#remove(before, object);
      if (after !== undefined) this.#add(after, object);
    });
  }

  /** The objects of a group, in the order in which they came. */
  get(group: string): readonly T[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  stop(): void {
    this.#stop();
  }

  #add(group: string, object: T): void {
    let members = this.#groups.get(group);
    if (members === undefined) {
      members = new Map<string, T>();
      this.#groups.set(group, members);
    }
    members.set(uidOf(object), object);
  }

  #remove(group: string, object: T): void {
    const members = this.#groups.get(group);
    if (members?.delete(uidOf(object)) === true && members.size === 0) this.#groups.delete(group);
  }
}

/** Made when first asked for: a component on a real API server watches only what it reads. */
export class FleetIndexes {
  readonly #access: ClusterAccess;
  #podsByOwner: ChangeIndex<Pod> | undefined;
  #podsByNode: ChangeIndex<Pod> | undefined;
  #podsByLabels: SelectorIndex<Pod> | undefined;
  #replicaSetsByOwner: ChangeIndex<ReplicaSet> | undefined;
  #revisionsByOwner: ChangeIndex<ControllerRevision> | undefined;
  #jobsByOwner: ChangeIndex<Job> | undefined;

  constructor(access: ClusterAccess) {
    this.#access = access;
  }

  get podsByOwner(): ChangeIndex<Pod> {
    return (this.#podsByOwner ??= this.#byOwner(PODS));
  }

  get podsByNode(): ChangeIndex<Pod> {
    return (this.#podsByNode ??= this.#index(PODS, (pod) => pod.spec?.nodeName));
  }

  get podsByLabels(): SelectorIndex<Pod> {
    return (this.#podsByLabels ??= new SelectorIndex({ access: this.#access, type: PODS }));
  }

  get replicaSetsByOwner(): ChangeIndex<ReplicaSet> {
    return (this.#replicaSetsByOwner ??= this.#byOwner(REPLICA_SETS));
  }

  get revisionsByOwner(): ChangeIndex<ControllerRevision> {
    return (this.#revisionsByOwner ??= this.#byOwner(CONTROLLER_REVISIONS));
  }

  get jobsByOwner(): ChangeIndex<Job> {
    return (this.#jobsByOwner ??= this.#byOwner(JOBS));
  }

  stop(): void {
    this.#podsByOwner?.stop();
    this.#podsByNode?.stop();
    this.#podsByLabels?.stop();
    this.#replicaSetsByOwner?.stop();
    this.#revisionsByOwner?.stop();
    this.#jobsByOwner?.stop();
  }

  #byOwner<T extends KubeObject>(type: ResourceType<T>): ChangeIndex<T> {
    return this.#index(type, (object) => controllerOf(object)?.uid);
  }

  #index<T extends KubeObject>(
    type: ResourceType<T>,
    groupOf: (object: T) => string | undefined,
  ): ChangeIndex<T> {
    return new ChangeIndex({ access: this.#access, type }, groupOf);
  }
}

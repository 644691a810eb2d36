/** ClusterAccess straight on the storage: what the simulated control plane and fleet work with. */
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import { type ResourceType, qualifiedName } from '#kube/client/resource-type.ts';
import type { ClusterAccess, ClusterChange, DeleteChoice } from '../../fleet/cluster-access.ts';
import { ADMIN, type UserInfo } from '../access/user-info.ts';
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import { type ApiObject, storageKey } from '../storage/api-object.ts';
import type { Collection } from '../storage/collection.ts';
import { postBinding } from '../subresources/binding.ts';
import { evictPod } from '../subresources/eviction.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, pathNotFound } from '../wire/status-error.ts';
import { createObject } from '../writes/create.ts';
import { deleteObject, readDeleteOptions } from '../writes/delete.ts';
import { MERGE_PATCH, patchFunction, patchObject } from '../writes/patch.ts';
import { type ServerParts, fromStorage } from '../writes/write-parts.ts';

const NO_QUERY = new URLSearchParams();

export interface AccessIdentity {
  readonly user: UserInfo;
  /** Who is recorded as the owner of the fields that change. */
  readonly fieldManager: string;
}

const FLEET: AccessIdentity = { user: ADMIN, fieldManager: 'kube-controller-manager' };

export class StorageAccess implements ClusterAccess {
  readonly #parts: ServerParts;
  readonly #identity: AccessIdentity;

  constructor(parts: ServerParts, identity: AccessIdentity = FLEET) {
    this.#parts = parts;
    this.#identity = identity;
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[] {
    const { resource, collection } = this.#find(type);
    const stored = collection.list(namespace);
    const shown: readonly unknown[] =
      resource.view === undefined ? stored : stored.map((object) => fromStorage(resource, object));
    return shown as readonly T[];
  }

  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined {
    const { resource, collection } = this.#find(type);
    const stored = collection.get(storageKey(resource.namespaced ? key.namespace : '', key.name));
    return stored === undefined ? undefined : (fromStorage(resource, stored) as T);
  }

  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    listener: (change: ClusterChange<T>) => void,
  ): () => void {
    const { resource, collection } = this.#find(type);
    const shown = (object: ApiObject): T => fromStorage(resource, object) as T;
    for (const object of collection.list())
      listener({ type: 'ADDED', object: shown(object), previous: undefined });
    return collection.listen(({ type: change, object, previous }) => {
      listener({
        type: change,
        object: shown(object),
        previous: previous === undefined ? undefined : shown(previous),
      });
    });
  }

  async create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    const call = this.#call(type, { namespace: object.metadata?.namespace, name: '' }, '');
    return this.#run('create', call, async () => {
      const created = await createObject(this.#parts, call, object as KubeObject & JsonObject);
      return created as T;
    });
  }

  async mergePatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    change: { readonly body: unknown; readonly subresource?: string },
  ): Promise<T> {
    const call = this.#call(type, key, change.subresource ?? '');
    const patch = patchFunction(call, MERGE_PATCH, change.body as JsonObject);
    return this.#run('patch', call, async () => (await patchObject(this.#parts, call, patch)) as T);
  }

  async delete(type: ResourceType, key: ObjectKey, choice: DeleteChoice = {}): Promise<void> {
    const call = this.#call(type, key, '');
    const options = {
      ...(choice.graceful === true ? {} : { gracePeriodSeconds: 0 }),
      ...(choice.uid === undefined ? {} : { preconditions: { uid: choice.uid } }),
    };
    await this.#run('delete', call, () => deleteObject(this.#parts, call, readDeleteOptions(options)));
  }

  async bind(pod: ObjectKey, nodeName: string): Promise<void> {
    const call = this.#call(PODS, pod, 'binding');
    const binding = { metadata: { ...pod }, target: { kind: 'Node', name: nodeName } };
    await this.#run('bind', call, () => postBinding(this.#parts, call, binding));
  }

  async evict(pod: ObjectKey): Promise<void> {
    const call = this.#call(PODS, pod, 'eviction');
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { ...pod } };
    await this.#run('evict', call, () => evictPod(this.#parts, call, eviction));
  }

  #find(type: ResourceType): { readonly resource: Resource; readonly collection: Collection } {
    const resource = this.#parts.registry.find(type.group, type.version, type.plural);
    if (resource === undefined) throw toApiError(`find ${qualifiedName(type)}`, pathNotFound());
    return { resource, collection: this.#parts.store.collection(resource.stored) };
  }

  #call(type: ResourceType, key: ObjectKey, subresource: string): Call {
    const { resource } = this.#find(type);
    return {
      ...this.#identity,
      resource,
      subresource,
      namespace: resource.namespaced
        ? (key.namespace ?? '')
        : resource.plural === 'namespaces'
          ? key.name
          : '',
      name: key.name,
      query: NO_QUERY,
      dryRun: false,
      fieldValidation: 'Ignore',
      warnings: [],
      signal: undefined,
    };
  }

  /** Errors leave in the form in which a client of a real server gets them. */
  async #run<R>(verb: string, call: Call, action: () => R | Promise<R>): Promise<R> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw toApiError(`${verb} ${qualifiedName(call.resource)} ${call.namespace}/${call.name}`, error);
    }
  }
}

function toApiError(call: string, error: StatusError): ApiError {
  return new ApiError(call, { status: error.code, headers: {}, body: JSON.stringify(error.status) });
}

/** What the simulated kubelets need of a cluster, on a real API server: informers to read, a client to write. */
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { Informers } from '#kube/watch/informers.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { ClusterAccess, ClusterChange, DeleteChoice } from '#playground/fleet/cluster-access.ts';

interface Binding extends KubeObject {
  readonly target: { readonly apiVersion: string; readonly kind: string; readonly name: string };
}

const BINDINGS: ResourceType<Binding> = {
  group: '',
  version: 'v1',
  plural: 'bindings',
  kind: 'Binding',
  namespaced: true,
};

export interface ClientClusterAccessOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Reads lag behind the server by a watch event; answers to own writes are seen at once. */
export class ClientClusterAccess implements ClusterAccess {
  readonly #client: KubeClient;
  readonly #informers: Informers;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: ClientClusterAccessOptions) {
    this.#client = options.client;
    this.#informers = new Informers(options);
    this.#running = this.#informers.run(this.#ended.signal);
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[] {
    return this.#informers.of(type).store.list(namespace);
  }

  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined {
    return this.#informers.of(type).store.get(key);
  }

  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    listener: (change: ClusterChange<T>) => void,
  ): () => void {
    return this.#informers.of(type).onChange(listener);
  }

  async create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#observed(type, await this.#client.create(type, object));
  }

  async mergePatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    change: { readonly body: unknown; readonly subresource?: string },
  ): Promise<T> {
    return this.#observed(type, await this.#client.patch(type, key, { patch: 'merge', ...change }));
  }

  async delete(type: ResourceType, key: ObjectKey, choice: DeleteChoice = {}): Promise<void> {
    const { graceful = false, uid } = choice;
    await this.#client.delete(type, key, {
      ...(graceful ? {} : { gracePeriodSeconds: 0 }),
      ...(uid === undefined ? {} : { uid }),
    });
  }

  async bind(pod: ObjectKey, nodeName: string): Promise<void> {
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const { name, namespace = 'default' } = pod;
    await this.#client.create(BINDINGS, { metadata: { name, namespace }, target });
  }

  async evict(pod: ObjectKey): Promise<void> {
    await this.#client.evict(pod);
  }

  /** Resolves when everything that was asked for so far has been read. */
  async whenSynced(): Promise<void> {
    await this.#informers.whenSynced();
  }

  /** Ends the watches. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** Only what is watched anyway: writing an Event must not start a watch of all events. */
  #observed<T extends KubeObject>(type: ResourceType<T>, object: T): T {
    const { group, plural } = type;
    const watched = this.#informers
      .all()
      .some((one) => one.type.group === group && one.type.plural === plural);
    if (watched) this.#informers.of(type).observe(object);
    return object;
  }
}

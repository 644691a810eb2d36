/** A ClusterAccess that notes every write in the trace, so that the fleet's part of a run is in its hash. */
import { type KubeObject, type ObjectKey, keyOf, keyText } from '#apis/kubernetes/object.ts';
import { type ResourceType, qualifiedName } from '#kube/client/resource-type.ts';
import { hashText } from '#platform/random.ts';
import type { ClusterAccess, ClusterChange, DeleteChoice } from '../fleet/cluster-access.ts';
import type { SimTrace } from './sim-trace.ts';

const SOURCE = 'fleet';

export class TracedAccess implements ClusterAccess {
  readonly #inner: ClusterAccess;
  readonly #trace: SimTrace;

  constructor(inner: ClusterAccess, trace: SimTrace) {
    this.#inner = inner;
    this.#trace = trace;
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[] {
    return this.#inner.list(type, namespace);
  }

  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): T | undefined {
    return this.#inner.get(type, key);
  }

  onChange<T extends KubeObject>(
    type: ResourceType<T>,
    listener: (change: ClusterChange<T>) => void,
  ): () => void {
    return this.#inner.onChange(type, listener);
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    this.#note('create', type, { key: keyOf(object), body: object });
    return this.#inner.create(type, object);
  }

  mergePatch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    change: { readonly body: unknown; readonly subresource?: string },
  ): Promise<T> {
    this.#note(`patch ${change.subresource ?? ''}`, type, { key, body: change.body });
    return this.#inner.mergePatch(type, key, change);
  }

  delete(type: ResourceType, key: ObjectKey, choice?: DeleteChoice): Promise<void> {
    this.#note('delete', type, { key, body: choice ?? null });
    return this.#inner.delete(type, key, choice);
  }

  bind(pod: ObjectKey, nodeName: string): Promise<void> {
    this.#trace.record(SOURCE, `bind ${keyText(pod)} to ${nodeName}`);
    return this.#inner.bind(pod, nodeName);
  }

  evict(pod: ObjectKey): Promise<void> {
    this.#trace.record(SOURCE, `evict ${keyText(pod)}`);
    return this.#inner.evict(pod);
  }

  #note(
    verb: string,
    type: ResourceType,
    { key, body }: { readonly key: ObjectKey; readonly body: unknown },
  ): void {
    const mark = hashText(JSON.stringify(body)).toString(16);
    this.#trace.record(SOURCE, `${verb} ${qualifiedName(type)} ${keyText(key)} ${mark}`);
  }
}

/** A reflector, its store and everyone who wants to know: one per collection and scope in a process. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { messageOf } from '#errors/kc-error.ts';
import { qualifiedName, type ResourceType } from '../client/resource-type.ts';
import type { Change, ChangeListener } from '../store/change.ts';
import { ObjectStore, type StoreReader, type Verdict } from '../store/object-store.ts';
import { Reflector, type ReflectorOptions, type Scope } from './reflector.ts';

export interface Informer<T extends KubeObject = KubeObject> {
  readonly type: ResourceType<T>;
  readonly scope: Scope;
  /** The local copy. It lags behind the server by the time of a watch event. */
  readonly store: StoreReader<T>;
  /** True once the store holds a complete state and every listener has been told of it. */
  readonly synced: boolean;
  /** What keeps the copy from following the server; undefined while all is well. */
  readonly lastError: unknown;
  /** Resolves when synced. */
  whenSynced(): Promise<void>;
  /**
   * Calls `listener` for every existing object (as ADDED) and for every later change, in the order in which the
   * server made them. Returns how to stop. What a listener throws is logged and touches nobody else.
   */
  onChange(listener: ChangeListener<T>): () => void;
  /** Puts the answer of a write of ours in the store ahead of the watch; see ObjectStore.observe. */
  observe(object: T): Verdict;
}

/** The informer that really runs; `Informers` makes them. */
export class RunningInformer<T extends KubeObject = KubeObject> implements Informer<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #reflector: Reflector<T>;
  readonly #listeners = new Set<ChangeListener<T>>();
  readonly #waiting: (() => void)[] = [];

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#store = new ObjectStore<T>((change) => {
      this.#deliver(change);
    });
    const observer = {
      listed: (type: ResourceType, objects: number): void => {
        options.observer?.listed(type, objects);
        for (const resolve of this.#waiting.splice(0)) resolve();
      },
      watchEnded: (type: ResourceType, error?: unknown): void => options.observer?.watchEnded(type, error),
    };
    this.#reflector = new Reflector({ ...options, observer }, this.#store);
  }

  get type(): ResourceType<T> {
    return this.#options.type;
  }

  get scope(): Scope {
    return this.#options.scope ?? {};
  }

  get store(): StoreReader<T> {
    return this.#store;
  }

  get synced(): boolean {
    return this.#reflector.hasState;
  }

  get lastError(): unknown {
    return this.#reflector.lastError;
  }

  async whenSynced(): Promise<void> {
    if (this.synced) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  onChange(listener: ChangeListener<T>): () => void {
    for (const object of this.#store.list()) {
      this.#tell(listener, { type: 'ADDED', object, previous: undefined });
    }
    const own: ChangeListener<T> = (change) => {
      listener(change);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  observe(object: T): Verdict {
    return this.#store.observe(this.#reflector.keep(object));
  }

  /** Follows the server until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  #deliver(change: Change<T>): void {
    for (const listener of this.#listeners) this.#tell(listener, change);
  }

  #tell(listener: ChangeListener<T>, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      const resource = qualifiedName(this.type);
      this.#options.logger.error('a listener failed', { resource, error: messageOf(error) });
    }
  }
}

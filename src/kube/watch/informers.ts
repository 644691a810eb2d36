/** The informers of a process: whoever asks for the same collection and scope gets the same one. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { type ResourceType, apiVersionOf } from '../client/resource-type.ts';
import { aborted } from '../transport/linked-abort.ts';
import type { Transform } from '../store/transform.ts';
import { type Informer, RunningInformer } from './informer.ts';
import type { ReflectorObserver, Scope } from './reflector.ts';

export interface InformersOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: ReflectorObserver;
  readonly relistEveryMs?: number;
  readonly watchList?: boolean;
  /** Watch only this namespace, for namespaced kinds that are asked for without one. */
  readonly namespace?: string | undefined;
}

/** What the copy of one kind looks like; the first to ask for a collection decides. */
export interface InformerOptions<T extends KubeObject> extends Scope {
  readonly transform?: Transform<T>;
}

interface Runnable {
  run(signal: AbortSignal): Promise<void>;
}

export class Informers {
  readonly #options: InformersOptions;
  readonly #informers = new Map<string, Informer & Runnable>();
  readonly #running = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(options: InformersOptions) {
    this.#options = options;
  }

  /** The informer of a collection, made on the first call; it runs as soon as the factory does. */
  of<T extends KubeObject>(type: ResourceType<T>, options: InformerOptions<T> = {}): Informer<T> {
    const { labelSelector, fieldSelector, transform } = options;
    const namespace = type.namespaced ? (options.namespace ?? this.#options.namespace) : undefined;
    const scope: Scope = { namespace, labelSelector, fieldSelector };
    const id = idOf(type, scope);
    const standing: Informer | undefined = this.#informers.get(id);
    // The id names the group and the kind, so what stands under it was made for the same T.
    if (standing !== undefined) return standing as Informer<T>;
    const informer = new RunningInformer<T>({
      ...this.#options,
      type,
      scope,
      ...(transform === undefined ? {} : { transform }),
    });
    this.#informers.set(id, informer);
    this.#launch(informer);
    return informer;
  }

  /** Every informer made so far. */
  all(): readonly Informer[] {
    return [...this.#informers.values()];
  }

  /** Starts all informers, those made later too. Resolves when the signal is aborted and all have ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const informer of this.#informers.values()) this.#launch(informer);
    await aborted(signal);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** True when every informer made so far is synced. */
  get synced(): boolean {
    return this.all().every((informer) => informer.synced);
  }

  /** Resolves when every informer made so far is synced. */
  async whenSynced(): Promise<void> {
    await Promise.all(this.all().map((informer) => informer.whenSynced()));
  }

  #launch(informer: Runnable): void {
    if (this.#signal === undefined) return;
    const run = informer.run(this.#signal).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }
}

function idOf(type: ResourceType, scope: Scope): string {
  const parts = [scope.namespace, scope.labelSelector, scope.fieldSelector];
  return [apiVersionOf(type), type.plural, ...parts.map((part) => part ?? '')].join('|');
}

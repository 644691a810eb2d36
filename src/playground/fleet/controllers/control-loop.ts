/** The frame of every workload controller: changes of an object or of what it owns lead to one reconcile of it. */
import { type KubeObject, controllerOf, keyOf, keyText, parseKey } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Component, FleetContext } from '../fleet-context.ts';
import { Reconciler } from '../reconciler.ts';

export interface ControlLoopOptions<T extends KubeObject> {
  readonly name: string;
  readonly context: FleetContext;
  readonly type: ResourceType<T>;
  /** Kinds whose objects are controlled by `type`: a change of one leads to its owner. */
  readonly owned?: readonly ResourceType[];
  /** Resolves with when to come again, in milliseconds, if at all. */
  readonly reconcile: (object: T) => Promise<number | undefined>;
}

/** How long controllers take from a change to their answer; changes within it are answered together. */
const LATENCY_MS = 10;

export class ControlLoop<T extends KubeObject> implements Component {
  readonly #reconciler: Reconciler;
  readonly #stops: (() => void)[] = [];

  constructor(options: ControlLoopOptions<T>) {
    const { access } = options.context;
    this.#reconciler = new Reconciler({
      name: options.name,
      context: options.context,
      latencyMs: LATENCY_MS,
      reconcile: async (key) => {
        const object = access.get(options.type, parseKey(key));
        return object === undefined ? undefined : options.reconcile(object);
      },
    });
    for (const owned of options.owned ?? []) this.#follow(options, owned);
    this.#stops.push(
      access.onChange(options.type, ({ type, object }) => {
        if (type !== 'DELETED') this.enqueue(object);
      }),
    );
  }

  enqueue(object: KubeObject, delayMs?: number): void {
    this.#reconciler.enqueue(keyText(keyOf(object)), delayMs);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#reconciler.stop();
  }

  #follow({ context, type }: ControlLoopOptions<T>, owned: ResourceType): void {
    const stop = context.access.onChange(owned, ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind !== type.kind) return;
      this.#reconciler.enqueue(keyText({ namespace: object.metadata?.namespace, name: owner.name }));
    });
    this.#stops.push(stop);
  }
}

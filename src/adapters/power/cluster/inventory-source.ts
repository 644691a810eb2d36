/** Nodes and pods as the power model needs them, from the API server, held for a while. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { PowerInventory } from '#domain/power/inventory.ts';
import { slimMetadata } from '#domain/workload/slim-objects.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Clock } from '#platform/clock.ts';
import { defined } from './defined.ts';
import { accelerators, machineFacts } from './machine-facts.ts';
import { placedPods, slimPlacedPod } from './placed-pods.ts';

export interface InventoryOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** How long a list is good for; default 30 s. */
  readonly holdsMs?: number;
}

const DEFAULT_HOLDS_MS = 30_000;

export class InventorySource {
  readonly #options: InventoryOptions;
  #held: { readonly value: Promise<PowerInventory>; readonly sinceMs: number } | undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  /** What is there now. Rejects with KC_METRICS_UNAVAILABLE where the API server does not tell. */
  async inventory(): Promise<PowerInventory> {
    const { clock, holdsMs = DEFAULT_HOLDS_MS } = this.#options;
    const nowMs = clock.now();
    if (this.#held === undefined || nowMs - this.#held.sinceMs >= holdsMs) {
      this.#held = { value: this.#read(), sinceMs: nowMs };
    }
    try {
      return await this.#held.value;
    } catch (error) {
      this.#held = undefined;
      const detail = { object: 'nodes and pods', problem: messageOf(error), cause: error };
      throw new KcError('KC_METRICS_UNAVAILABLE', detail);
    }
  }

  async #read(): Promise<PowerInventory> {
    const { client } = this.#options;
    const [nodes, pods] = await Promise.all([
      client.list(NODES, {}, withoutImages),
      client.list(PODS, {}, slimPlacedPod),
    ]);
    return inventoryOf(nodes.items, pods.items);
  }
}

export function inventoryOf(nodes: readonly Node[], pods: readonly Pod[]): PowerInventory {
  const memoryOfDevice = new Map(nodes.flatMap((node) => accelerators(node).memoryOfDevice));
  return { machines: nodes.map(machineFacts), pods: placedPods(pods, memoryOfDevice) };
}

/** A node's list of images is most of it. */
function withoutImages({ metadata, status }: Node): Node {
  const kept = defined({ capacity: status?.capacity, addresses: status?.addresses });
  return { metadata: slimMetadata(metadata), status: kept };
}

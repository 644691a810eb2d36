/** A simulated cluster with KCloud's definitions installed, and an administrator who works on it in virtual time. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { NAMESPACES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { World, type WorldOptions } from '#playground/simulation/world.ts';
import { DEFAULT_SETTINGS } from '../operator/settings.ts';

/** No call takes longer than this in a world without faults. */
const CALL_LIMIT_MS = 60_000;

export class SimulatedCluster {
  readonly world: World;
  /** Its calls are answered while the clock runs; use `now` to wait for one. */
  readonly client: KubeClient;

  private constructor(world: World) {
    this.world = world;
    this.client = new KubeClient(world.process('administrator').transport);
  }

  /** Starts the world, installs the definitions and makes the operator's namespace. */
  static async create(options: WorldOptions): Promise<SimulatedCluster> {
    const cluster = new SimulatedCluster(await World.create(options));
    const { client, world } = cluster;
    const install = { client, clock: world.clock, fieldManager: 'kcloud' };
    await cluster.now(installCrds(customResourceDefinitions(), install));
    await cluster.now(client.create(NAMESPACES, { metadata: { name: DEFAULT_SETTINGS.namespace } }));
    return cluster;
  }

  /** What `call` brings, with as much time passing as it takes. */
  now<T>(call: Promise<T>): Promise<T> {
    return this.world.clock.settle(call, CALL_LIMIT_MS);
  }

  /** What is stored, without a call. */
  stored<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly T[] {
    return this.world.server.access.list<T>(type, namespace);
  }

  /** Lets time pass until `isSo`, looking every `everyMs`; whether it came about within `limitMs`. */
  async until(isSo: () => boolean, limitMs: number, everyMs = 10_000): Promise<boolean> {
    const { clock } = this.world;
    const endMs = clock.now() + limitMs;
    while (!isSo()) {
      if (clock.now() >= endMs) return false;
      await clock.runFor(everyMs);
    }
    return true;
  }
}

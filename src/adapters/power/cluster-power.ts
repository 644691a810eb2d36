/** Watts of a cluster: what exporters read, the model where they read nothing, put together node by node. */
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { KnownMachines } from '#domain/power/machines/machine-watts.ts';
import type { PowerHistoryQuery, PowerQuery, PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { clusterSnapshot } from '#domain/power/snapshot.ts';
import { queryGrid, stepEndMs } from '#domain/usage/series.ts';
import type { InventorySource } from './cluster/inventory-source.ts';
import type { UseSource } from './utilisation/use-source.ts';

export interface ClusterPowerOptions {
  readonly inventory: InventorySource;
  readonly use: UseSource;
  readonly staleAfterMs: number;
  readonly shortestWindowMs: number;
  readonly machines?: KnownMachines;
}

const NO_READINGS = { nodes: [], devices: [] };

export class ClusterPower implements PowerSource {
  readonly name = 'utilisation-model';
  readonly #options: ClusterPowerOptions;

  constructor(options: ClusterPowerOptions) {
    this.#options = options;
  }

  async current(query: PowerQuery): Promise<PowerSnapshot> {
    const { inventory, use } = this.#options;
    const [cluster, answer] = await Promise.all([inventory.inventory(), use.current(query)]);
    return this.#snapshot(query, { inventory: cluster, ...answer, atMs: query.atMs });
  }

  async history(query: PowerHistoryQuery): Promise<readonly PowerSnapshot[]> {
    const { inventory, use } = this.#options;
    const [cluster, answers] = await Promise.all([inventory.inventory(), use.history(query)]);
    const grid = queryGrid(query);
    return answers.map((answer, step) => {
      const atMs = stepEndMs(grid, step);
      return this.#snapshot(query, { inventory: startedBy(cluster, atMs), ...answer, atMs });
    });
  }

  #snapshot(query: Pick<PowerQuery, 'namespace'>, moment: Moment): PowerSnapshot {
    const { machines, staleAfterMs } = this.#options;
    return clusterSnapshot({
      atMs: moment.atMs,
      staleAfterMs,
      inventory: moment.inventory,
      readings: NO_READINGS,
      use: moment.use,
      problems: moment.problem === undefined ? [] : [moment.problem],
      ...(machines === undefined ? {} : { knownMachines: machines }),
      ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
    });
  }
}

type Moment = Awaited<ReturnType<UseSource['current']>> & {
  readonly atMs: number;
  readonly inventory: PowerInventory;
};

/** The pods that were there at a time, of those that are there now. */
function startedBy({ machines, pods }: PowerInventory, atMs: number): PowerInventory {
  return { machines, pods: pods.filter(({ startedMs }) => startedMs < atMs) };
}

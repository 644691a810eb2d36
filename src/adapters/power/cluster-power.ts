/** Watts of a cluster: what exporters read, the model where they read nothing, put together node by node. */
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { KnownMachines } from '#domain/power/machines/machine-watts.ts';
import type { PowerHistoryQuery, PowerQuery, PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { clusterSnapshot } from '#domain/power/snapshot.ts';
import { queryGrid, stepEndMs } from '#domain/usage/series.ts';
import type { InventorySource } from './cluster/inventory-source.ts';
import type { ExporterReadings } from './prometheus/exporter.ts';
import type { ExporterReader } from './prometheus/exporter-reader.ts';
import { startedBy } from './prometheus/past-inventory.ts';
import type { UseAnswer, UseSource } from './utilisation/use-source.ts';

export interface ClusterPowerOptions {
  readonly inventory: InventorySource;
  readonly use: UseSource;
  /** Undefined: nothing is measured. */
  readonly exporters: ExporterReader | undefined;
  readonly staleAfterMs: number;
  readonly machines?: KnownMachines;
}

const NOTHING: ExporterReadings = { nodes: [], devices: [], problems: [] };

export class ClusterPower implements PowerSource {
  readonly name: string;
  readonly #options: ClusterPowerOptions;

  constructor(options: ClusterPowerOptions) {
    this.#options = options;
    this.name = options.exporters === undefined ? 'utilisation-model' : 'prometheus';
  }

  async current(query: PowerQuery): Promise<PowerSnapshot> {
    const { exporters, inventory, use } = this.#options;
    const cluster = await inventory.inventory();
    const [readings = NOTHING, answer] = await Promise.all([
      exporters?.current(query, cluster),
      use.current(query, cluster),
    ]);
    return this.#snapshot(query, { inventory: cluster, answer, readings, atMs: query.atMs });
  }

  async history(query: PowerHistoryQuery): Promise<readonly PowerSnapshot[]> {
    const { exporters, inventory, use } = this.#options;
    const cluster = await inventory.inventory();
    const inventoryAt = (await exporters?.past(query, cluster)) ?? ((atMs) => startedBy(cluster, atMs));
    const [told = [], answers] = await Promise.all([
      exporters?.history(query, inventoryAt),
      use.history(query, cluster),
    ]);
    const grid = queryGrid(query);
    return answers.map((answer, step) => {
      const atMs = stepEndMs(grid, step);
      return this.#snapshot(query, {
        inventory: inventoryAt(atMs),
        answer,
        readings: told[step] ?? NOTHING,
        atMs,
      });
    });
  }

  #snapshot(query: Pick<PowerQuery, 'namespace'>, moment: Moment): PowerSnapshot {
    const { machines, staleAfterMs } = this.#options;
    const { answer, atMs, inventory, readings } = moment;
    return clusterSnapshot({
      atMs,
      staleAfterMs,
      inventory,
      readings,
      use: answer.use,
      useProblem: answer.problem,
      problems: readings.problems,
      ...(machines === undefined ? {} : { knownMachines: machines }),
      ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
    });
  }
}

interface Moment {
  readonly atMs: number;
  readonly inventory: PowerInventory;
  readonly answer: UseAnswer;
  readonly readings: ExporterReadings;
}

/** What is known of one kind of exporter: which series it has, and how they are read. */
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { PowerProblem } from '#domain/power/power.ts';
import type { PowerReadings } from '#domain/power/readings.ts';
import type { NodeNames } from './node-names.ts';
import type { PodNames } from './pod-names.ts';
import type { PowerSample, Selection } from './samples.ts';

/** What the names in labels stand for. */
export interface Naming {
  readonly inventory: PowerInventory;
  readonly nodes: NodeNames;
  readonly pods: PodNames;
}

export interface ExporterReadings extends PowerReadings {
  readonly problems: readonly PowerProblem[];
}

export interface Exporter {
  /** As sources are named. */
  readonly source: string;
  readonly selections: readonly Selection[];
  /** Metrics that are there whenever the exporter runs: by them one that went away is missed. */
  readonly presence: readonly string[];
  /** Series of nodes that are not named are left out already: every sample's labels name a node. */
  readonly read: (samples: readonly PowerSample[], naming: Naming) => ExporterReadings;
}

/** The node of a sample that has one. */
export function nodeOf({ labels }: PowerSample, { nodes }: Naming): string {
  return nodes.nodeOf(labels).node ?? '';
}

/**
 * Sums the values of distinct things, each counted once however often it is scraped: the highest value of those with the
 * same key. The time is the oldest among them.
 */
export class DistinctSum {
  readonly #values = new Map<string, number>();
  #atMs = Number.POSITIVE_INFINITY;

  add(key: string, { value, atMs }: { readonly value: number; readonly atMs: number }): void {
    this.#values.set(key, Math.max(value, this.#values.get(key) ?? 0));
    this.#atMs = Math.min(this.#atMs, atMs);
  }

  get sum(): number {
    return [...this.#values.values()].reduce((sum, value) => sum + value, 0);
  }

  get atMs(): number {
    return this.#atMs;
  }
}

/** The entry of a map, made where there is none. */
export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

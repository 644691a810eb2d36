/**
 * Use of a cluster: from Prometheus where the kubelets are scraped, which knows every pod now and in the past; else now
 * from metrics.k8s.io, and in the past from the usage history.
 */
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery, PowerQuery } from '#domain/power/power.ts';
import { queryGrid } from '#domain/usage/series.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { readMetricsApi } from './metrics-api-use.ts';
import { UsageHistoryUse } from './usage-history-use.ts';
import { type UseAnswer, type UseSource, unknownUse } from './use-source.ts';

export interface ClusterUseOptions {
  readonly cluster: KubeClient;
  readonly usage: UsageSource | undefined;
  readonly stored: UseSource | undefined;
}

export class ClusterUseSource implements UseSource {
  readonly #client: KubeClient;
  readonly #stored: UseSource | undefined;
  readonly #history: UsageHistoryUse | undefined;

  constructor({ cluster, stored, usage }: ClusterUseOptions) {
    this.#client = cluster;
    this.#stored = stored;
    this.#history = usage === undefined ? undefined : new UsageHistoryUse(cluster, usage);
  }

  async current(query: PowerQuery, inventory: PowerInventory): Promise<UseAnswer> {
    const stored = await this.#stored?.current(query, inventory);
    return stored?.use === undefined ? readMetricsApi(this.#client, query.atMs) : stored;
  }

  async history(query: PowerHistoryQuery, inventory: PowerInventory): Promise<readonly UseAnswer[]> {
    const stored = await this.#stored?.history(query, inventory);
    if (stored?.some(({ use }) => use !== undefined) === true) return stored;
    if (this.#history !== undefined) return this.#history.history(query);
    const { steps } = queryGrid(query);
    return Array.from({ length: steps }, () => unknownUse('usage history', 'there is none'));
  }
}

/** Use of a cluster: now from metrics.k8s.io, in the past from the usage history. */
import type { PowerHistoryQuery } from '#domain/power/power.ts';
import { queryGrid } from '#domain/usage/series.ts';
import type { UsageSource } from '#domain/usage/usage.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { readMetricsApi } from './metrics-api-use.ts';
import { UsageHistoryUse } from './usage-history-use.ts';
import { type UseAnswer, type UseSource, unknownUse } from './use-source.ts';

export interface ClusterUseOptions {
  readonly cluster: KubeClient;
  readonly usage?: UsageSource;
}

export class ClusterUseSource implements UseSource {
  readonly #client: KubeClient;
  readonly #history: UsageHistoryUse | undefined;

  constructor({ cluster, usage }: ClusterUseOptions) {
    this.#client = cluster;
    this.#history = usage === undefined ? undefined : new UsageHistoryUse(cluster, usage);
  }

  current(): Promise<UseAnswer> {
    return readMetricsApi(this.#client);
  }

  history(query: PowerHistoryQuery): Promise<readonly UseAnswer[]> {
    if (this.#history !== undefined) return this.#history.history(query);
    const { steps } = queryGrid(query);
    return Promise.resolve(Array.from({ length: steps }, () => unknownUse('usage history', 'there is none')));
  }
}

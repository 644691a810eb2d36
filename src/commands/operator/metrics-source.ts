/** The metrics source of an operator: a PromQL store where there is one, else the embedded collector. */
import { join } from 'node:path';
import { Collector } from '#adapters/metrics/embedded/collector/collector.ts';
import { EmbeddedUsage } from '#adapters/metrics/embedded/embedded-usage.ts';
import { type UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { PrometheusSlo } from '#adapters/metrics/prometheus/prometheus-slo.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import type { ClusterInformers } from '#controllers/cost-optimization/stores.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { aborted } from '#kube/transport/linked-abort.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { MetricsParts } from './operator.ts';

export interface PrometheusParts {
  readonly endpoint: PrometheusEndpoint;
  readonly matchers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: Random;
}

export function prometheusMetrics({ endpoint, matchers, clock, random }: PrometheusParts): MetricsParts {
  const client = new PromqlClient({ endpoint, clock, random });
  return {
    usage: new PrometheusUsage({ client, clock, matchers }),
    serviceLevels: new PrometheusSlo(client),
    runnables: [],
  };
}

export interface EmbeddedParts {
  readonly history: UsageHistory;
  readonly client: KubeClient;
  /** The pods that the process watches anyway. */
  readonly cluster: Pick<ClusterInformers, 'pods'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Collects on every replica, so that whoever leads next has the history. */
export function embeddedMetrics({ history, client, cluster, clock, logger }: EmbeddedParts): MetricsParts {
  const pods = { pods: () => Promise.resolve(cluster.pods.store.list()) };
  const collector = new Collector({ client, pods, history, clock, logger });
  return {
    usage: new EmbeddedUsage(history.reader, () => collector.status),
    serviceLevels: undefined,
    runnables: [
      {
        name: 'usage collector',
        start: 'synced',
        run: async ({ stop }) => {
          collector.start();
          await aborted(stop);
          await collector.stop();
        },
      },
    ],
  };
}

/** The file of the embedded history in a data folder. */
export function historyFile(dataDir: string): string {
  return join(dataDir, 'usage.db');
}

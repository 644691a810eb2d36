/** Where the optimizer API reads usage: a PromQL store, the history of an operator beside it, or one of its own. */
import { mkdirSync } from 'node:fs';
import { HistoryReader } from '#adapters/metrics/embedded/history/history-reader.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { discoverPrometheus } from '#adapters/metrics/prometheus/discovery/discover.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import type { LiveCluster } from '#services/recommendations/live-cluster.ts';
import type { ClusterConnection } from '../cli/cluster.ts';
import type { FlagValues } from '../cli/flags.ts';
import { prometheusEndpoint, type prometheusFlags, prometheusMatchers } from '../cli/prometheus-flags.ts';
import { embeddedMetrics, historyFile, prometheusMetrics } from '../operator/metrics-source.ts';
import type { MetricsParts } from '../operator/operator.ts';
import { type optimizerFlags } from './flags.ts';

type Values = FlagValues<typeof optimizerFlags & typeof prometheusFlags>;

export interface UsageContext {
  readonly connection: ClusterConnection;
  readonly client: KubeClient;
  readonly cluster: LiveCluster;
  readonly clock: Clock;
  readonly logger: Logger;
}

export async function usageParts(values: Values, context: UsageContext): Promise<MetricsParts> {
  const { clock, logger } = context;
  if (values.history !== undefined) {
    logger.info('usage comes from the history of an operator', { file: values.history });
    const { reader } = HistoryReader.openFile(values.history);
    return { usage: reader, serviceLevels: undefined, runnables: [] };
  }
  const endpoint = prometheusEndpoint(values, clock) ?? (await discovered(values, context));
  if (endpoint !== undefined && values['metrics-source'] !== 'embedded') {
    logger.info('usage comes from a PromQL store', { endpoint: endpoint.name });
    return prometheusMetrics({ endpoint, matchers: prometheusMatchers(values), clock, random: systemRandom });
  }
  return ownCollector(values, context);
}

function ownCollector(values: Values, { client, cluster, clock, logger }: UsageContext): MetricsParts {
  const file = historyFile(values['data-dir']);
  logger.info('usage comes from a collector of its own', { file });
  mkdirSync(values['data-dir'], { recursive: true });
  const history = UsageHistory.open(file, { rawStepMs: values['collect-seconds'] * 1000, logger });
  return embeddedMetrics({ history, client, cluster, clock, logger });
}

/** Rights to look at Services may be missing: then there is nothing to find, which the log says. */
async function discovered(
  values: Values,
  { connection, clock, logger }: UsageContext,
): Promise<PrometheusEndpoint | undefined> {
  if (values['metrics-source'] !== 'auto') return undefined;
  const inside = process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const shared = { clock, random: systemRandom };
  const vantage = inside
    ? ({ kind: 'inside', ...shared } as const)
    : ({ kind: 'outside', ...shared, transport: connection.transport } as const);
  try {
    const found = await discoverPrometheus(connection.client, vantage);
    for (const reason of found.passedOver) logger.warn('a metrics source was passed over', { reason });
    return found.endpoint;
  } catch (error) {
    logger.warn('no metrics source could be looked for', { error: messageOf(error) });
    return undefined;
  }
}

/** `kcloud operator`: runs the operator against the cluster of the kubeconfig, or the one it runs in. */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { discoverPrometheus } from '#adapters/metrics/prometheus/discovery/discover.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { customResourceDefinitions } from '#controllers/crds.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { SystemClock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { healthServer } from '#runtime/manager/health-server.ts';
import { clusterFlags, type ClusterConnection, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import type { FlagValues } from '../cli/flags.ts';
import { prometheusEndpoint, prometheusFlags, prometheusMatchers } from '../cli/prometheus-flags.ts';
import { pricesOf } from '../cli/price-flags.ts';
import { operatorFlags, settingsOf } from './flags.ts';
import { embeddedMetrics, historyFile, prometheusMetrics } from './metrics-source.ts';
import { buildOperator, type OperatorParts } from './operator.ts';
import { optimizerApi, optimizerApiFlags } from './optimizer-api.ts';
import { addWebhookServer } from './webhook-server.ts';

const flags = { ...clusterFlags, ...prometheusFlags, ...operatorFlags, ...optimizerApiFlags } as const;
type Values = FlagValues<typeof flags>;

export const operatorCommand = defineCommand({
  name: 'operator',
  summary: 'Run the operator: CostOptimizations are analysed, applied, verified and rolled back.',
  usage: 'kcloud operator [--prometheus-url <address>] [--data-dir <folder>]',
  flags,
  run: async ({ values }, context) => {
    const connection = await connectCluster(values);
    await run(values, connection, context);
    return 0;
  },
});

async function run(values: Values, connection: ClusterConnection, context: CommandContext): Promise<void> {
  const { logger, signal } = context;
  const clock = new SystemClock();
  const prices = pricesOf(values, logger);
  await prices.refresh();
  const settings = settingsOf(values, hostname(), prices);
  mkdirSync(values['data-dir'], { recursive: true });
  const state = openStateDatabase(join(values['data-dir'], 'state.db'));
  const registry = new Registry();
  if (values['install-crds']) await install(connection, signal);
  const operator = await buildOperator({
    transport: connection.transport,
    clock,
    random: systemRandom,
    logger,
    settings,
    state,
    registry,
    metrics: await metricsParts(values, connection, logger),
    analysis: optimizerApi(values, { clock, logger }),
  });
  const { manager } = operator;
  manager.add(healthServer({ health: manager.health, registry, port: values['metrics-port'] }));
  if (values.webhooks) {
    const { namespace } = settings;
    const options = {
      port: values['webhook-port'],
      namespace,
      certificateFolder: values['webhook-certificates'],
    };
    addWebhookServer(operator, { ...options, clock, random: systemRandom, logger });
  }
  logger.info('operator starting', { server: connection.server, namespace: settings.namespace });
  try {
    await manager.run(signal);
  } finally {
    state.close();
  }
}

async function install({ client }: ClusterConnection, signal: AbortSignal): Promise<void> {
  await installCrds(customResourceDefinitions(), {
    client,
    clock: new SystemClock(),
    fieldManager: 'kcloud',
    signal,
  });
}

/** A named PromQL store, else one that the cluster has, else the embedded collector. */
async function metricsParts(
  values: Values,
  connection: ClusterConnection,
  logger: Logger,
): Promise<OperatorParts['metrics']> {
  const clock = new SystemClock();
  const random = systemRandom;
  const endpoint =
    prometheusEndpoint(values, clock) ??
    (values['metrics-source'] === 'auto' ? await discovered(connection, logger) : undefined);
  if (endpoint !== undefined && values['metrics-source'] !== 'embedded') {
    logger.info('usage comes from a PromQL store', { endpoint: endpoint.name });
    return () => prometheusMetrics({ endpoint, matchers: prometheusMatchers(values), clock, random });
  }
  logger.info('usage comes from the embedded collector', { file: historyFile(values['data-dir']) });
  const rawStepMs = values['collect-seconds'] * 1000;
  const history = UsageHistory.open(historyFile(values['data-dir']), { rawStepMs, logger });
  return (client, cluster) => embeddedMetrics({ history, client, cluster, clock, logger });
}

/** Rights to look at Services may be missing: then there is nothing to find, which the log says. */
async function discovered(
  { client, transport }: ClusterConnection,
  logger: Logger,
): Promise<PrometheusEndpoint | undefined> {
  const inside = process.env['KUBERNETES_SERVICE_HOST'] !== undefined;
  const shared = { clock: new SystemClock(), random: systemRandom };
  const vantage = inside
    ? ({ kind: 'inside', ...shared } as const)
    : ({ kind: 'outside', ...shared, transport } as const);
  try {
    const found = await discoverPrometheus(client, vantage);
    for (const reason of found.passedOver) logger.warn('a metrics source was passed over', { reason });
    return found.endpoint;
  } catch (error) {
    logger.warn('no metrics source could be looked for', { error: String(error) });
    return undefined;
  }
}

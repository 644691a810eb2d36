/** `kcloud optimizer`: serves the optimizer API for the cluster of the kubeconfig, or the one it runs in. */
import { Registry } from 'prom-client';
import type { LivePrices } from '#adapters/prices/live-prices.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, HOUR_MS, parseDuration } from '#domain/units/duration.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { Discovery } from '#kube/discovery/discovery.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { Manager } from '#runtime/manager/manager.ts';
import { OptimizerService } from '#services/optimizer/optimizer-service.ts';
import { LiveCluster } from '#services/recommendations/live-cluster.ts';
import { TokenReviewer } from '#services/rest/access/token-reviewer.ts';
import { clusterFlags, type ClusterConnection, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import type { FlagValues } from '../cli/flags.ts';
import { prometheusFlags } from '../cli/prometheus-flags.ts';
import { pricesOf } from '../cli/price-flags.ts';
import { VERSION } from '../version.ts';
import { allowOf, optimizerFlags } from './flags.ts';
import { StateLedger } from './state-ledger.ts';
import { usageParts } from './usage-parts.ts';

const flags = { ...clusterFlags, ...prometheusFlags, ...optimizerFlags } as const;
type Values = FlagValues<typeof flags>;

export const optimizerCommand = defineCommand({
  name: 'optimizer',
  summary: 'Serve the optimizer API: recommendations, exports and savings over REST and WebSocket.',
  usage: [
    'kcloud optimizer [--port 8000] [--prometheus-url <address> | --history <file>] [--writer <user or group>]',
    '',
    'Callers send a token of the cluster ("Authorization: Bearer …", kubectl create token makes one). /docs shows the API.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    // A window that cannot be read is told now, not to the first caller.
    parseDuration(values.window, { field: '--window', minMs: HOUR_MS, maxMs: 90 * DAY_MS });
    const connection = await connectCluster(values);
    await serve(values, connection, context);
    return 0;
  },
});

async function serve(values: Values, connection: ClusterConnection, context: CommandContext): Promise<void> {
  const { logger, signal } = context;
  const clock = new SystemClock();
  const registry = new Registry();
  const perSecond = values['api-qps'];
  const { 'watch-namespace': watchNamespace } = values;
  const manager = new Manager({
    transport: connection.transport,
    clock,
    random: systemRandom,
    logger,
    registry,
    component: 'optimizer-api',
    rateLimit: { perSecond, burst: perSecond * 2 },
    ...(watchNamespace === undefined ? {} : { watchNamespace }),
  });
  const cluster = await openCluster(manager, clock, logger);
  const parts = { connection, client: manager.directClient, cluster, clock, logger };
  const { usage, runnables } = await usageParts(values, parts);
  for (const runnable of runnables) manager.add(runnable);
  // Callers wait for these calls: each is made once, and a caller is told when to come again.
  const client = new KubeClient(connection.transport);
  const ledger = values.state === undefined ? undefined : new StateLedger(values.state);
  const { health } = manager;
  const prices = pricesOf(values, logger);
  await prices.refresh();
  const shared = { cluster, client, usage, ledger, health, registry, clock, random: systemRandom, logger };
  const service = new OptimizerService({ ...shared, ...serviceSettings(values, { client, clock, prices }) });
  manager.add({
    name: 'optimizer API',
    start: 'at once',
    run: ({ stop }) =>
      service.run(stop, {
        port: values.port,
        host: values.host,
        onListening: (address) => {
          logger.info('optimizer API listening', { address, cluster: connection.server });
        },
      }),
  });
  try {
    await manager.run(signal);
  } finally {
    ledger?.close();
  }
}

async function openCluster(
  manager: Manager,
  clock: SystemClock,
  logger: CommandContext['logger'],
): Promise<LiveCluster> {
  const installed = await new Discovery(manager.directClient, clock).offers(COST_OPTIMIZATIONS);
  if (!installed) logger.warn('CostOptimization is not installed: recommendations can be read, not applied');
  return new LiveCluster(manager.informers, installed ? COST_OPTIMIZATIONS : undefined);
}

interface ServiceParts {
  readonly client: KubeClient;
  readonly clock: SystemClock;
  readonly prices: LivePrices;
}

function serviceSettings(values: Values, { client, clock, prices }: ServiceParts) {
  const audiences = values['token-audience'];
  return {
    optimizations: COST_OPTIMIZATIONS,
    prices,
    clusterName: values['cluster-name'],
    ownNamespace: values['operator-namespace'],
    window: values.window,
    authenticator: values['insecure-no-authentication']
      ? undefined
      : new TokenReviewer({ client, clock, audiences }),
    allow: allowOf(values),
    limit: { perSecond: values['requests-per-second'], burst: values.burst },
    version: VERSION,
  };
}

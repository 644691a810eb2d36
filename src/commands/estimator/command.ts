/** `kcloud estimator`: serves power, cost and energy of the cluster of the kubeconfig, or the one it runs in. */
import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { PrometheusEndpoint } from '#adapters/metrics/prometheus/client/api-call.ts';
import { openCalibrationDatabase } from '#adapters/calibration/calibration-database.ts';
import { CalibrationStore } from '#adapters/calibration/calibration-store.ts';
import {
  SharedCalibrations,
  type SharedCalibrationParts,
} from '#adapters/calibration/shared-calibrations.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import { createPowerSource } from '#adapters/power/create-power-source.ts';
import type { PowerSource } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration } from '#domain/units/duration.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { type Clock, SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { Health } from '#runtime/manager/health.ts';
import { EstimatorService, type EstimatorServiceOptions } from '#services/estimator/estimator-service.ts';
import { TokenReviewer } from '#services/rest/access/token-reviewer.ts';
import { clusterFlags, connectCluster } from '../cli/cluster.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import type { FlagValues } from '../cli/flags.ts';
import { prometheusEndpoint, prometheusMatchers } from '../cli/prometheus-flags.ts';
import { allowOf } from '../optimizer-api/flags.ts';
import { VERSION } from '../version.ts';
import { energyTariffOf } from '../cli/energy-flags.ts';
import { estimatorFlags } from './flags.ts';
import { sinkFlags, sinksOf } from './sinks.ts';

const flags = { ...clusterFlags, ...estimatorFlags, ...sinkFlags } as const;
type Values = FlagValues<typeof flags>;

export const estimatorCommand = defineCommand({
  name: 'estimator',
  summary:
    'Serve power, cost and energy predictions over REST; store them and stream them to Redis and InfluxDB.',
  usage: [
    'kcloud estimator [--port 8001] [--prometheus-url <address>] [--redis-url <address>] [--influxdb-url <address>]',
    '',
    'Every flag has an environment variable. /docs shows the API.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    await serve(values, context);
    return 0;
  },
});

async function serve(values: Values, context: CommandContext): Promise<void> {
  const { logger, signal } = context;
  const clock = new SystemClock();
  // Settings that cannot be used are told now, not to the first caller.
  const settings = settingsOf(values);
  const prometheus = prometheusEndpoint(values, clock);
  const maxAgeMs = values['backlog-hours'] * HOUR_MS;
  const sinks = await sinksOf(values, { clock, logger, maxAgeMs });
  const { transport, server } = await connectCluster(values);
  // Callers wait for these calls: each is made once, and a caller is told when to come again.
  const client = new KubeClient(transport);
  const stores = openStores(values['data-dir']);
  const service = new EstimatorService({
    ...settings,
    ...stores,
    ...serviceParts(values, client, clock),
    shared: sharedCalibrations(values, { client, clock, logger, store: stores.calibrations }),
    source: sourceOf(values, { client, clock, prometheus }),
    sinks,
    bounds: { maxAgeMs, maxBytes: values['backlog-megabytes'] * 2 ** 20 },
    health: healthOf(stores.database),
    logger,
  });
  const onListening = (address: string): void => {
    logger.info('estimator listening', { address, cluster: server, prometheus: prometheus?.name });
  };
  try {
    await service.run(signal, { port: values.port, host: values.host, onListening });
  } finally {
    stores.database.close();
    stores.calibrations.close();
  }
}

interface SourceParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly prometheus: PrometheusEndpoint | undefined;
}

/** People want to know which Prometheus it is that is down, so that names the source. */
function sourceOf(values: Values, { client, clock, prometheus }: SourceParts): PowerSource {
  const parts = { clock, cluster: client, matchers: prometheusMatchers(values) };
  if (prometheus === undefined) return named('utilisation model', createPowerSource(parts));
  // Callers wait: a store that does not answer soon is down for them.
  const timeoutMs = values['prometheus-timeout-seconds'] * 1000;
  const store = new PromqlClient({
    endpoint: prometheus,
    clock,
    random: systemRandom,
    timeoutMs,
    attempts: 1,
  });
  return named(`prometheus ${prometheus.name}`, createPowerSource({ ...parts, prometheus: store }));
}

function named(name: string, source: PowerSource): PowerSource {
  return {
    name,
    current: (query) => source.current(query),
    history: (query) => source.history(query),
  };
}

/** Replicas and restarted pods have the same calibrations where a ConfigMap is named. */
function sharedCalibrations(
  values: Values,
  parts: Pick<SharedCalibrationParts, 'client' | 'clock' | 'logger' | 'store'>,
): SharedCalibrations | undefined {
  const { 'calibration-config-map': name, 'own-namespace': namespace } = values;
  return name === undefined ? undefined : new SharedCalibrations({ ...parts, name, namespace });
}

function healthOf(database: EstimatorServiceOptions['database']): Health {
  const health = new Health();
  health.addReadiness('store', () => {
    database.reading(() => database.prepare('SELECT 1').get());
  });
  return health;
}

type Settings = Pick<EstimatorServiceOptions, 'rates' | 'intensity' | 'intervalMs' | 'windowMs' | 'retentionMs' | 'backfillMs' | 'settings'>; // prettier-ignore

/** Throws KC_CONFIG_INVALID, naming the variable. */
function settingsOf(values: Values): Settings {
  const { rates, intensity } = energyTariffOf(values);
  const bounds = { field: 'POWER_WINDOW', minMs: MINUTE_MS / 2, maxMs: HOUR_MS };
  return {
    rates,
    intensity,
    intervalMs: Math.round(values['metrics-interval'] * 1000),
    windowMs: parseDuration(values.window, bounds),
    retentionMs: values['retention-days'] * DAY_MS,
    backfillMs: values['backfill-hours'] * HOUR_MS,
    settings: {
      POWER_METRICS_INTERVAL: values['metrics-interval'],
      POWER_WINDOW: values.window,
      ELECTRICITY_RATE: rates.electricityUsdPerKwh,
      COOLING_MODE: rates.coolingMode,
      COOLING_FACTOR: rates.coolingFactor,
      CARBON_RATE: rates.carbonUsdPerKg,
      CARBON_INTENSITY: intensity.origin === 'table' ? intensity.name : intensity.kgPerKwh,
      POWER_PROMETHEUS: values['prometheus-url'] !== undefined,
      REDIS: values['redis-url'] !== undefined,
      INFLUXDB: values['influxdb-url'] !== undefined,
      AUTHENTICATION: values.authentication,
    },
  };
}

function openStores(directory: string): Pick<EstimatorServiceOptions, 'database' | 'calibrations'> {
  const database = openEstimatorDatabase(join(directory, 'power.db'));
  return {
    database,
    calibrations: new CalibrationStore(openCalibrationDatabase(join(directory, 'calibrations.db'))),
  };
}

function serviceParts(values: Values, client: KubeClient, clock: Clock) {
  const reviewer = new TokenReviewer({ client, clock, audiences: values['token-audience'] });
  return {
    authenticator: values.authentication === 'none' ? undefined : reviewer,
    allow: allowOf(values),
    limit: { perSecond: values['requests-per-second'], burst: values.burst },
    registry: new Registry(),
    clock,
    random: systemRandom,
    version: VERSION,
  };
}

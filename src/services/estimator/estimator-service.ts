/** The estimator API, put together: collecting, sinks, routes, access, documents. The command and the tests run this. */
import type { Registry } from 'prom-client';
import type { CalibrationStore } from '#adapters/calibration/calibration-store.ts';
import type { SharedCalibrations } from '#adapters/calibration/shared-calibrations.ts';
import { HourTotals } from '#adapters/power-history/hour-totals.ts';
import { PowerHistory } from '#adapters/power-history/power-history.ts';
import { RateBook } from '#adapters/power-history/rate-book.ts';
import { Delivery } from '#adapters/sinks/delivery.ts';
import { Outbox, type OutboxBounds } from '#adapters/sinks/outbox/outbox.ts';
import type { Sink } from '#adapters/sinks/sink.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import type { CarbonIntensity } from '#domain/carbon/carbon-intensity.ts';
import type { EnergyRates } from '#domain/cost/energy-rates.ts';
import type { PowerSource } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { Health } from '#runtime/manager/health.ts';
import type { AllowRule, Authenticator } from '../rest/access/caller.ts';
import { Gate } from '../rest/access/gate.ts';
import { documentRoutes } from '../rest/document-routes.ts';
import { type OpenApiDocument, openApiDocument } from '../rest/open-api.ts';
import { RequestMetrics } from '../rest/request-metrics.ts';
import { RestServer } from '../rest/rest-server.ts';
import type { Route } from '../rest/route.ts';
import { type BucketLimit, TokenBuckets } from '../rest/token-buckets.ts';
import { Backfill } from './collecting/backfill.ts';
import { Collector } from './collecting/collector.ts';
import { Readings } from './collecting/readings.ts';
import { collectionMetrics, powerMetrics, sinkMetrics } from './estimator-metrics.ts';
import { collectRoutes } from './routes/collect-routes.ts';
import { costRoutes } from './routes/cost-routes.ts';
import { exportRoutes } from './routes/export-routes.ts';
import type { RouteParts } from './routes/parts.ts';
import { powerRoutes } from './routes/power-routes.ts';
import { predictionRoutes } from './routes/prediction-routes.ts';
import { profileRoutes } from './routes/profile-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';
import { Tariff } from './tariff.ts';

export interface EstimatorServiceOptions {
  readonly source: PowerSource;
  /** The estimator's own file, open; see openEstimatorDatabase. */
  readonly database: Database;
  readonly calibrations: CalibrationStore;
  /** Where other replicas find them; undefined where there is only this one. */
  readonly shared?: SharedCalibrations | undefined;
  readonly sinks: readonly Sink[];
  readonly bounds: OutboxBounds;
  readonly rates: EnergyRates;
  readonly intensity: CarbonIntensity;
  /** How often power is collected. */
  readonly intervalMs: number;
  /** Counters become watts over this time. */
  readonly windowMs: number;
  /** How long hours are kept. */
  readonly retentionMs?: number;
  /** How far back the source is asked for what was not collected; 0 switches it off. */
  readonly backfillMs?: number;
  /** Undefined switches authentication off. */
  readonly authenticator: Authenticator | undefined;
  readonly allow: AllowRule;
  readonly limit: BucketLimit;
  readonly health: Health;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly version: string;
  /** For /info, without secrets. */
  readonly settings: RouteParts['settings'];
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly onListening?: (address: string) => void;
}

const DEFAULT_RETENTION_MS = 90 * DAY_MS;
const DEFAULT_BACKFILL_MS = 24 * HOUR_MS;
/** Tokens that were not good: enough for a mistake in a deployment, too few to guess with. */
const GUESS_LIMIT: BucketLimit = { perSecond: 5, burst: 50 };
/** 100,000 samples of CPU with all their digits fit. */
const MAX_BODY_BYTES = 4 * 2 ** 20;
/** What was collected before last may stand for now while the next is under way. */
const FRESH_INTERVALS = 2;

export class EstimatorService {
  readonly server: RestServer;
  readonly document: OpenApiDocument;
  readonly collector: Collector;
  readonly deliveries: readonly Delivery[];
  readonly #backfill: Backfill;
  readonly #shared: SharedCalibrations | undefined;

  constructor(options: EstimatorServiceOptions) {
    const parts = partsOf(options);
    const { clock, registry, logger, source } = options;
    this.collector = parts.collector;
    this.deliveries = parts.deliveries;
    this.#shared = options.shared;
    this.#backfill = new Backfill({
      source,
      history: parts.history,
      clock,
      logger,
      depthMs: options.backfillMs ?? DEFAULT_BACKFILL_MS,
      wanted: () => parts.collector.state.collecting && parts.readings.problem === undefined,
    });
    powerMetrics(registry, parts.readings, parts.tariff);
    sinkMetrics(registry, parts.deliveries, () => clock.now());
    const routes = routesOf(parts);
    this.document = openApiDocument(routes, {
      title: 'KCloud power and cost estimator',
      version: options.version,
      description:
        'Power, cost and energy of Kubernetes workloads. Every figure says where it comes from and how old it is; a value that is not known is null, and "unknown" beside it says why.',
    });
    this.server = new RestServer({
      ...options,
      maxBodyBytes: MAX_BODY_BYTES,
      routes: [...routes, ...documentRoutes(this.document)],
      gate: gateOf(options),
      metrics: new RequestMetrics(registry, 'kcloud_estimator_api'),
    });
  }

  /** Serves, collects and delivers until aborted; `onListening` is told the address. */
  async run(signal: AbortSignal, { port, host, onListening }: ListenOptions): Promise<void> {
    const address = await this.server.listen(port, host);
    onListening?.(address);
    try {
      await this.work(signal);
    } finally {
      await this.server.close();
    }
  }

  /** Collects and delivers until aborted. */
  async work(signal: AbortSignal): Promise<void> {
    const deliveries = this.deliveries.map((delivery) => delivery.run(signal));
    const shared = this.#shared?.run(signal);
    await Promise.all([this.collector.run(signal), this.#backfill.run(signal), shared, ...deliveries]);
  }
}

function gateOf({ authenticator, allow, limit, clock }: EstimatorServiceOptions): Gate {
  const limits = new TokenBuckets(limit, clock);
  return new Gate({ authenticator, allow, limits, guesses: new TokenBuckets(GUESS_LIMIT, clock) });
}

function partsOf(options: EstimatorServiceOptions): RouteParts {
  const { clock, database, intervalMs, logger, sinks, source, windowMs } = options;
  const tariff = tariffOf(options);
  const history = new PowerHistory(database, options.retentionMs ?? DEFAULT_RETENTION_MS);
  const outbox = new Outbox(database, sinks.map(({ name }) => name), options.bounds); // prettier-ignore
  const readings = new Readings({ source, clock, windowMs, freshMs: FRESH_INTERVALS * intervalMs });
  const observe = collectionMetrics(options.registry, () => clock.now());
  const collector = new Collector({ readings, history, outbox, tariff, clock, logger, intervalMs, observe });
  const deliveries = sinks.map((sink) => new Delivery({ sink, outbox, clock, logger }));
  return {
    ...options,
    shared: options.shared,
    readings,
    collector,
    deliveries,
    history,
    hours: new HourTotals(history),
    tariff,
  };
}

/** Rates that change with a restart hold from then on; the hours before keep theirs. */
function tariffOf({ database, rates, intensity, clock }: EstimatorServiceOptions): Tariff {
  const book = new RateBook(database);
  book.note(rates, clock.now());
  return new Tariff({ rates, intensity, ratesAt: (ms) => book.at(ms) });
}

function routesOf(parts: RouteParts): Route[] {
  const routes = [
    ...powerRoutes(parts),
    ...costRoutes(parts),
    ...exportRoutes(parts),
    ...predictionRoutes(parts),
    ...profileRoutes(parts),
    ...collectRoutes(parts),
  ];
  const endpoints = routes.map(({ method, url }) => `${method} ${url.replace(/:([a-z_]+)/g, '{$1}')}`);
  return [...routes, ...serviceRoutes(parts, endpoints)];
}

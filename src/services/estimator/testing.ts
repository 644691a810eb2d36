/** A cluster of two nodes whose power a test decides, and the service on it: for the tests of this folder. */
import { Registry } from 'prom-client';
import { CalibrationStore } from '#adapters/calibration/calibration-store.ts';
import { openCalibrationDatabase } from '#adapters/calibration/calibration-database.ts';
import { openEstimatorDatabase } from '#adapters/power-history/estimator-database.ts';
import type { Sink } from '#adapters/sinks/sink.ts';
import type { CarbonIntensity } from '#domain/carbon/carbon-intensity.ts';
import { SEED_INTENSITY } from '#domain/carbon/carbon-intensity.ts';
import { type EnergyRates, SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import type {
  ContainerPower,
  PowerHistoryQuery,
  PowerProblem,
  PowerQuery,
  PowerSnapshot,
  PowerSource,
} from '#domain/power/power.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { KcError } from '#errors/kc-error.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { Health } from '#runtime/manager/health.ts';
import { type AllowRule, type Authenticator, DEFAULT_ALLOW } from '../rest/access/caller.ts';
import { EstimatorService } from './estimator-service.ts';

/** What a container draws by what it does; each node draws 50 W more when idle, which its containers share evenly. */
export interface PowerStory {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly watts: number;
}

const IDLE_WATTS = 50;
const SYSTEM_WATTS = 5;

export class FakePower implements PowerSource {
  readonly name = 'fake exporters';
  stories: readonly PowerStory[] = [
    { namespace: 'default', pod: 'ml-training-0', node: 'n1', watts: 250 },
    { namespace: 'default', pod: 'web-5d69f8f4b7-x2x4z', node: 'n2', watts: 12.5 },
    { namespace: 'kcloud-workloads', pod: 'batch-7', node: 'n2', watts: 30 },
  ];
  problems: readonly PowerProblem[] = [];
  down = false;
  /** How often it was asked for the power of now. */
  questions = 0;
  /** Times before which the past is not known. */
  pastFromMs = Number.POSITIVE_INFINITY;

  current({ atMs }: PowerQuery): Promise<PowerSnapshot> {
    this.questions += 1;
    return this.down ? Promise.reject(this.#unavailable()) : Promise.resolve(this.snapshot(atMs));
  }

  history({ fromMs, toMs, stepMs }: PowerHistoryQuery): Promise<readonly PowerSnapshot[]> {
    if (this.down) return Promise.reject(this.#unavailable());
    const steps = Array.from(
      { length: Math.floor((toMs - fromMs) / stepMs) },
      (_none, step) => fromMs + (step + 1) * stepMs,
    );
    return Promise.resolve(steps.filter((atMs) => atMs > this.pastFromMs).map((atMs) => this.snapshot(atMs)));
  }

  snapshot(atMs: number): PowerSnapshot {
    const evidence = { origin: 'measured', sources: ['kepler'], atMs: atMs - 5_000 } as const;
    const byNode = Map.groupBy(this.stories, ({ node }) => node);
    const containers = this.stories.map(({ namespace, pod, node, watts }): ContainerPower => {
      const idleWatts = IDLE_WATTS / (byNode.get(node)?.length ?? 1);
      return {
        ...evidence,
        namespace,
        pod,
        container: 'app',
        node,
        activeWatts: watts,
        idleWatts,
        parts: { cpu: watts },
      };
    });
    const nodes = [...byNode].map(([node, own]) => {
      const activeWatts = own.reduce((sum, { watts }) => sum + watts, 0) + SYSTEM_WATTS;
      const watts = activeWatts + IDLE_WATTS;
      return {
        ...evidence,
        node,
        watts,
        activeWatts,
        idleWatts: IDLE_WATTS,
        systemWatts: SYSTEM_WATTS,
        parts: { cpu: watts },
      };
    });
    return { atMs, containers, nodes, devices: [], problems: this.problems };
  }

  #unavailable(): KcError {
    return new KcError('KC_METRICS_UNAVAILABLE', { object: this.name, problem: 'it is down' });
  }
}

export interface BenchOptions {
  readonly authenticator?: Authenticator;
  readonly allow?: AllowRule;
  readonly sinks?: readonly Sink[];
  readonly rates?: EnergyRates;
  readonly intensity?: CarbonIntensity;
  readonly limit?: { readonly perSecond: number; readonly burst: number };
  readonly backfillMs?: number;
}

export interface BenchAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: unknown;
}

export const BENCH_START_MS = Date.UTC(2026, 10, 21, 10);
export const BENCH_INTERVAL_MS = 15_000;

/** The service with all around it, on a clock that the test moves. */
export class EstimatorBench {
  readonly clock = new ManualClock(BENCH_START_MS);
  readonly power = new FakePower();
  readonly registry = new Registry();
  readonly database = openEstimatorDatabase(':memory:');
  readonly service: EstimatorService;
  readonly #stop = new AbortController();

  constructor(options: BenchOptions = {}) {
    const { clock, power, registry, database } = this;
    this.service = new EstimatorService({
      source: power,
      database,
      calibrations: new CalibrationStore(openCalibrationDatabase(':memory:')),
      sinks: options.sinks ?? [],
      bounds: { maxAgeMs: 6 * HOUR_MS, maxBytes: 1 << 28 },
      rates: options.rates ?? SEED_ENERGY_RATES,
      intensity: options.intensity ?? SEED_INTENSITY,
      intervalMs: BENCH_INTERVAL_MS,
      windowMs: 300_000,
      backfillMs: options.backfillMs ?? 0,
      authenticator: options.authenticator,
      allow: options.allow ?? DEFAULT_ALLOW,
      limit: options.limit ?? { perSecond: 1000, burst: 100_000 },
      health: new Health(),
      registry,
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      version: '0.0.0',
      settings: { POWER_METRICS_INTERVAL: 15 },
    });
  }

  /** Collects, delivers and fills in, without listening; time passes by `clock.advance`. */
  start(): void {
    const { signal } = this.#stop;
    void this.service.work(signal);
  }

  stop(): void {
    this.#stop.abort(new Error('the test is over'));
  }

  async ask(request: string, body?: unknown, headers: Record<string, string> = {}): Promise<BenchAnswer> {
    const [method = 'GET', url = '/'] = request.split(' ');
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await this.service.server.app.inject({
      method: method as 'GET' | 'POST',
      url,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload }),
    });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      json: isJson ? answer.json() : undefined,
    };
  }
}

/**
 * The shipped operator in a simulated world. What a real one keeps on its volume (usage history, state file) outlives
 * a crash here too; everything else is built anew by each life.
 */
import { Registry } from 'prom-client';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { Database } from '#adapters/sqlite/database.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { messageOf } from '#errors/kc-error.ts';
import { type Logger, silentLogger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { SimulatedProcess } from '#playground/simulation/simulated-process.ts';
import { embeddedMetrics, type EmbeddedParts } from '../operator/metrics-source.ts';
import { buildOperator, type MetricsParts, type Operator } from '../operator/operator.ts';
import { DEFAULT_SETTINGS, type OperatorSettings } from '../operator/settings.ts';

export interface SimulatedOperatorOptions {
  /** One generator for each life, by name. */
  readonly random: (name: string) => Random;
  readonly settings?: Partial<OperatorSettings>;
  readonly logger?: Logger;
  /** How often the collector looks; 60,000 where absent: virtual days pass faster with fewer looks. */
  readonly collectIntervalMs?: number;
  /** Where the state is kept; in memory where absent. */
  readonly files?: { readonly state: string; readonly usage: string };
  /** Where usage comes from; the embedded collector where absent. */
  readonly metrics?: (parts: EmbeddedParts) => MetricsParts;
}

/** What a life needs of the process that it runs in. */
export type LifeSupport = Pick<SimulatedProcess, 'clock' | 'transport' | 'crash'>;

const IN_MEMORY = { state: ':memory:', usage: ':memory:' };
const COLLECT_INTERVAL_MS = 60_000;

export class SimulatedOperator {
  readonly state: Database;
  readonly history: UsageHistory;
  readonly #options: SimulatedOperatorOptions;
  #registry = new Registry();
  #operator: Operator | undefined;
  #lives = 0;
  #failure: unknown;

  constructor(options: SimulatedOperatorOptions) {
    const { collectIntervalMs: rawStepMs = COLLECT_INTERVAL_MS, files = IN_MEMORY } = options;
    this.#options = options;
    this.state = openStateDatabase(files.state);
    this.history = UsageHistory.open(files.usage, { rawStepMs });
  }

  /** The operator of the present life, once it has been built. */
  get operator(): Operator | undefined {
    return this.#operator;
  }

  /** What the present life reports. */
  get registry(): Registry {
    return this.#registry;
  }

  /** What ended a life other than a crash; undefined while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Usage of days before the world began. */
  learn(usages: readonly WorkloadUsage[]): void {
    this.history.import(usages);
  }

  /** The main function of the process; to be given to `world.supervise`. A life that fails ends its process. */
  readonly main = (process: LifeSupport): void => {
    this.#lives += 1;
    this.#operator = undefined;
    this.#live(process, this.#options.random(`operator life ${String(this.#lives)}`)).catch(
      (error: unknown) => {
        this.#failure ??= error;
        process.crash(`ended by itself: ${messageOf(error)}`);
      },
    );
  };

  async #live({ clock, transport }: LifeSupport, random: Random): Promise<void> {
    const { logger = silentLogger, settings, metrics = embeddedMetrics } = this.#options;
    const { history, state } = this;
    const registry = new Registry();
    this.#registry = registry;
    const operator = await buildOperator({
      transport,
      clock,
      random,
      logger,
      settings: { ...DEFAULT_SETTINGS, ...settings },
      state,
      registry,
      metrics: (client, cluster) => metrics({ history, client, cluster, clock, logger }),
    });
    this.#operator = operator;
    await operator.manager.run(new AbortController().signal);
  }

  close(): void {
    this.state.close();
  }
}

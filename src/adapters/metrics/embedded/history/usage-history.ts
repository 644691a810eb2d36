/** The durable usage history, open for writing by the one collector that feeds it. */
import { KcError } from '#errors/kc-error.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { type Logger, silentLogger } from '#platform/logger.ts';
import type { ContainerState } from './container-states.ts';
import type { HeadRow } from './head-store.ts';
import { openHistory } from './history-file.ts';
import { HistoryReader } from './history-reader.ts';
import { type HistoryTables, historyTables } from './history-tables.ts';
import { importUsage } from './import.ts';
import type { Incident } from './incident-store.ts';
import {
  DEFAULT_RAW_STEP_MS,
  DEFAULT_RETENTION,
  type Levels,
  type Retention,
  isRawStep,
  levelsFor,
} from './levels.ts';
import type { SeriesName } from './series-index.ts';
import { Upkeep } from './upkeep.ts';

export interface HistoryOptions {
  /** The length of a raw step, which is how often the collector looks; 30 s by default. Must divide five minutes. */
  readonly rawStepMs?: number;
  readonly retention?: Retention;
  /** The size to which the file is held by keeping less where needed; 2 GiB by default. */
  readonly maxBytes?: number;
  readonly logger?: Logger;
}

const DEFAULT_MAX_BYTES = 2 * 2 ** 30;

/** What one look at the cluster brought. */
export interface Observation {
  /** The end of the step that the usage belongs to; undefined where the metrics API gave nothing. */
  readonly endMs?: number | undefined;
  readonly usage: readonly (readonly [SeriesName, HeadRow])[];
  readonly incidents: readonly (readonly [SeriesName, Incident])[];
  /** When the pods were seen; undefined where they could not be. */
  readonly podsSeenMs?: number | undefined;
  /** Restart counts that are new. */
  readonly states: readonly ContainerState[];
  /** Uids of pods that are gone. */
  readonly gone: readonly string[];
}

export class UsageHistory {
  readonly rawStepMs: number;
  /** Answers from this very history. */
  readonly reader: HistoryReader;
  readonly #tables: HistoryTables;
  readonly #levels: Levels;
  readonly #upkeep: Upkeep;

  private constructor(tables: HistoryTables, options: HistoryOptions) {
    this.#tables = tables;
    this.rawStepMs = options.rawStepMs ?? DEFAULT_RAW_STEP_MS;
    this.#levels = levelsFor(this.rawStepMs, options.retention ?? DEFAULT_RETENTION);
    this.reader = new HistoryReader(tables);
    this.#upkeep = new Upkeep(tables, {
      levels: this.#levels,
      maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
      logger: options.logger ?? silentLogger,
    });
  }

  /** Opens or creates the file; `:memory:` keeps everything in memory. Throws KC_STORE_… and KC_CONFIG_INVALID. */
  static open(path: string, options: HistoryOptions = {}): UsageHistory {
    const rawStepMs = options.rawStepMs ?? DEFAULT_RAW_STEP_MS;
    if (!isRawStep(rawStepMs)) {
      const problem = `the interval of ${String(rawStepMs)} ms does not divide five minutes, or is below 5 s`;
      throw new KcError('KC_CONFIG_INVALID', {
        field: 'metrics interval',
        problem,
        fix: 'use 15s, 30s or 60s',
      });
    }
    const tables = historyTables(openHistory(path));
    const history = new UsageHistory(tables, options);
    tables.database.transaction(() => {
      tables.progress.set('raw_step_ms', rawStepMs);
    });
    return history;
  }

  /** The restart counts as they were last seen. */
  containerStates(): readonly ContainerState[] {
    return this.#tables.database.reading(() => this.#tables.states.all());
  }

  /** When the pods were last seen; undefined before the first time. */
  podsSeenMs(): number | undefined {
    return this.#tables.progress.get('pods_seen_ms');
  }

  /** Stores one look, whole or not at all. Throws KC_STORE_… errors. */
  record(observation: Observation): void {
    const { database, head, incidents, progress, series, states } = this.#tables;
    const { endMs, podsSeenMs } = observation;
    this.#writing(() => {
      if (endMs !== undefined) {
        this.#upkeep.reopen(endMs);
        head.addPoll(endMs);
        for (const [name, row] of observation.usage) head.addRow(endMs, series.idOf(name), row);
      }
      for (const [name, incident] of observation.incidents) incidents.add(series.idOf(name), incident);
      for (const state of observation.states) states.put(state);
      for (const uid of observation.gone) states.drop(uid);
      if (podsSeenMs !== undefined) progress.set('pods_seen_ms', podsSeenMs);
    }, database);
  }

  /** Downsamples and drops a little; to be called after each `record`. Throws KC_STORE_… errors. */
  upkeep(nowMs: number): void {
    this.#upkeep.run(nowMs);
  }

  /** Takes in usage from elsewhere, whole or not at all; what it knows replaces what is stored of the same time. */
  import(usages: readonly WorkloadUsage[]): void {
    this.#writing(() => {
      for (const usage of usages) importUsage({ tables: this.#tables, levels: this.#levels }, usage);
    }, this.#tables.database);
  }

  #writing(work: () => void, database = this.#tables.database): void {
    try {
      database.transaction(work);
    } catch (error) {
      // Numbers of new series were rolled back with the rest.
      this.#tables.series.forget();
      throw error;
    }
  }

  /** A consistent copy while this history goes on. */
  async backupTo(path: string): Promise<void> {
    await this.#tables.database.backupTo(path);
  }

  /** The size of what is stored. */
  sizeBytes(): number {
    return this.#tables.database.sizeBytes();
  }

  close(): void {
    this.#tables.database.close();
  }
}

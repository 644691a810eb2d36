/**
 * Answers usage queries from the history. Works beside the process that writes it: every answer is read from one
 * unchanging state of the file.
 */
import { KcError, messageOf } from '#errors/kc-error.ts';
import { type Grid, fillGaps, queryGrid, resample } from '#domain/usage/series.ts';
import type {
  ContainerUsage,
  UsageQuery,
  UsageSeries,
  UsageSource,
  WorkloadUsage,
} from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { Database } from '../../../sqlite/database.ts';
import { coveringGrid, levelFor } from './downsampling.ts';
import { openHistory } from './history-file.ts';
import { type HistoryTables, historyTables } from './history-tables.ts';
import { DEFAULT_RAW_STEP_MS, type Level, type Levels, levelsFor } from './levels.ts';
import type { SeriesEntry } from './series-index.ts';
import { type StepColumns, foldColumns, lastKnownMs, overlay } from './step-columns.ts';

type Range = Pick<UsageQuery, 'fromMs' | 'toMs'>;

export class HistoryReader implements UsageSource {
  readonly name = 'embedded';
  readonly #tables: HistoryTables;

  constructor(tables: HistoryTables) {
    this.#tables = tables;
  }

  /** Opens a file that another process may be writing. Throws KC_STORE_… errors. Close it when done. */
  static openFile(path: string): { readonly reader: HistoryReader; readonly database: Database } {
    const database = openHistory(path, { readOnly: true });
    return { reader: new HistoryReader(historyTables(database)), database };
  }

  usage(query: UsageQuery): Promise<readonly WorkloadUsage[]> {
    try {
      const answer = (workload: WorkloadRef): WorkloadUsage => this.#workload(workload, query);
      return Promise.resolve(this.#tables.database.reading(() => query.workloads.map(answer)));
    } catch (error) {
      const detail = { object: 'usage history', problem: messageOf(error), cause: error };
      return Promise.reject(new KcError('KC_METRICS_UNAVAILABLE', detail));
    }
  }

  #workload(workload: WorkloadRef, query: UsageQuery): WorkloadUsage {
    const found = this.#tables.series
      .containersOf(workload)
      .map((entry) => this.#container(entry, query))
      .filter(({ lastMs, usage }) => lastMs !== undefined || usage.oomKills.length > 0);
    const last = Math.max(...found.map(({ lastMs }) => lastMs ?? Number.NEGATIVE_INFINITY));
    return {
      workload,
      fromMs: query.fromMs,
      toMs: query.toMs,
      containers: found.map(({ usage }) => usage),
      source: this.name,
      lastSampleAtMs: Number.isFinite(last) ? last : undefined,
    };
  }

  #container({ id, container }: SeriesEntry, query: UsageQuery): ContainerAnswer {
    const { incidents } = this.#tables;
    const oomKills = incidents.oomKills(id, query);
    const parts = this.#parts(id, query);
    const lastMs = this.#lastSample(id, query, parts);
    if (lastMs === undefined) return { lastMs, usage: { container, oomKills } };
    const grid = queryGrid(query);
    const cpuCores = onGrid(parts, grid, 'cpu');
    const memoryBytes = onGrid(parts, grid, 'memory');
    const pods = fillGaps(cpuCores, memoryBytes).pods;
    const rejected = incidents.rejected(id, query);
    const usage = {
      container,
      cpuCores,
      memoryBytes: rejected > 0 ? { ...memoryBytes, rejected } : memoryBytes,
      restarts: incidents.restarts(id, grid, pods),
      oomKills,
    };
    return { lastMs, usage };
  }

  /**
   * The steps of the coarsest level that fits the query. Where the query's steps do not begin with the level's, those of
   * the next finer level are put together instead, and the coarser one serves the time before they begin.
   */
  #parts(id: number, query: UsageQuery): readonly Part[] {
    const levels = this.#levels();
    const coarsest = levelFor(levels, query.stepMs);
    const aligned = query.fromMs % coarsest.stepMs === 0 && query.stepMs % coarsest.stepMs === 0;
    const finer = levels.find((level) => level.number === coarsest.number - 1);
    const used = aligned || finer === undefined ? [coarsest] : [finer, coarsest];
    return used.map((level) => ({ level, columns: this.#atLevel({ id, level, levels }, query) }));
  }

  #levels(): Levels {
    return levelsFor(this.#tables.progress.get('raw_step_ms') ?? DEFAULT_RAW_STEP_MS);
  }

  /** What blocks hold, and what the head holds beyond. */
  #atLevel({ id, level, levels }: SeriesAtLevel, range: Range): StepColumns {
    const columns = this.#tables.blocks.read(id, level, range);
    const sealedMs = this.#tables.progress.get('sealed_until_ms') ?? 0;
    const fromMs = Math.max(columns.grid.startMs, sealedMs);
    const [raw, fiveMinutes, hour] = levels;
    const grid = coveringGrid(raw, { startMs: fromMs, stepMs: 1, steps: Math.max(0, range.toMs - fromMs) });
    let tail = this.#tables.head.columns(id, grid);
    if (level.number >= 1) tail = foldColumns(tail, coveringGrid(fiveMinutes, grid), 'average');
    if (level.number === 2) tail = foldColumns(tail, coveringGrid(hour, grid), 'highest');
    overlay(columns, tail, 'fill');
    return columns;
  }

  /** When the newest step with a sample ended, to the raw step where raw steps are still there. */
  #lastSample(id: number, query: UsageQuery, parts: readonly Part[]): number | undefined {
    const levels = this.#levels();
    const newest = parts
      .map((part) => ({ part, endMs: lastKnownMs(part.columns) }))
      .find(({ endMs }) => endMs);
    if (newest?.endMs === undefined) return undefined;
    const toMs = Math.min(newest.endMs, query.toMs);
    const range = { fromMs: newest.endMs - newest.part.level.stepMs, toMs };
    return lastKnownMs(this.#atLevel({ id, level: levels[0], levels }, range)) ?? toMs;
  }
}

interface ContainerAnswer {
  readonly lastMs: number | undefined;
  readonly usage: ContainerUsage;
}

interface SeriesAtLevel {
  readonly id: number;
  readonly level: Level;
  readonly levels: Levels;
}

interface Part {
  readonly level: Level;
  readonly columns: StepColumns;
}

function onGrid(parts: readonly Part[], grid: Grid, quantity: 'cpu' | 'memory'): UsageSeries {
  const onto = ({ level, columns }: Part): UsageSeries => {
    const peak = quantity === 'cpu' && level.number === 0 ? 'average' : 'highest';
    return resample(seriesOf(columns, quantity), grid, peak);
  };
  return parts.map(onto).reduce(fillGaps);
}

function seriesOf(columns: StepColumns, quantity: 'cpu' | 'memory'): UsageSeries {
  const { startMs, stepMs } = columns.grid;
  const [max, mean] =
    quantity === 'cpu' ? [columns.cpuMax, columns.cpuMean] : [columns.memoryMax, columns.memoryMean];
  const pods = columns.pods.map((count, step) =>
    Number.isNaN(max[step] ?? Number.NaN) ? Number.NaN : count,
  );
  return { startMs, stepMs, max, mean, pods };
}

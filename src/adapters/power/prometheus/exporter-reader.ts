/**
 * Reads what exporters wrote into a Prometheus. The present is read as raw samples over the window, one query per
 * exporter and kind of series; the past as rates per step, in one range query each, for the whole cluster.
 */
import { counterRate, gaugeMean } from '#domain/power/counter.ts';
import type { PowerInventory } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery, PowerProblem, PowerQuery } from '#domain/power/power.ts';
import type { DeviceReading, NodeReading } from '#domain/power/readings.ts';
import { type Grid, queryGrid, stepEndMs } from '#domain/usage/series.ts';
import type { PromqlClient } from '../../metrics/prometheus/client/promql-client.ts';
import { RangeReader } from '../../metrics/prometheus/usage/range-reader.ts';
import { literal, oneOf, selector } from '../../metrics/prometheus/usage/selectors.ts';
import type { Exporter, ExporterReadings, Naming } from './exporter.ts';
import { EXPORTERS } from './exporters.ts';
import { METRIC_LABEL, rateExpression } from './expressions.ts';
import { absentNodes } from './absent-nodes.ts';
import { LONGEST_RAW_MS, gridOfWindow, longMeans } from './long-window.ts';
import { NodeNames } from './node-names.ts';
import { type InventoryAt, pastInventory } from './past-inventory.ts';
import { PodNames } from './pod-names.ts';
import type { ExporterReaderOptions } from './reader-options.ts';
import type { Selection } from './samples.ts';
import { SeriesCursor } from './series-cursor.ts';
import { type RawSeries, SeriesTally } from './series-tally.ts';

export class ExporterReader {
  readonly #options: ExporterReaderOptions;
  readonly #client: PromqlClient;
  readonly #matchers: readonly string[];
  readonly #shortestWindowMs: number;

  constructor(options: ExporterReaderOptions) {
    const { client, matchers = {}, shortestWindowMs } = options;
    this.#options = options;
    this.#client = client;
    this.#matchers = Object.entries(matchers).map(([name, value]) => `${name}=${literal(value)}`);
    this.#shortestWindowMs = shortestWindowMs;
  }

  /** Rejects with KC_METRICS_UNAVAILABLE. */
  async current(query: PowerQuery, inventory: PowerInventory): Promise<ExporterReadings> {
    const naming = namingOf(inventory);
    const told = await Promise.all(EXPORTERS.map((exporter) => this.#present(exporter, query, naming)));
    const together = joined(told);
    const absent = await absentNodes(
      { client: this.#client, matchers: this.#matchers, atMs: query.atMs },
      naming,
      together,
    );
    return { ...together, problems: [...together.problems, ...absent] };
  }

  async #present(exporter: Exporter, query: PowerQuery, naming: Naming): Promise<ExporterReadings> {
    const tally = new SeriesTally(exporter.source, naming);
    const series = await this.#selected(exporter.selections, (selection) =>
      query.windowMs > LONGEST_RAW_MS
        ? this.#longWindow(selection, query, naming)
        : this.#window(selection, query),
    );
    const samples = series.flatMap((each) => tally.sample(each) ?? []);
    const readings = exporter.read(samples, naming);
    return { ...readings, problems: [...readings.problems, ...tally.problems()] };
  }

  /** Selections that stand in for others are asked for only where those have nothing. */
  async #selected<T extends { readonly metric: string }>(
    selections: readonly Selection[],
    ask: (selection: Selection) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const first = await Promise.all(selections.filter(({ onlyIfNone }) => onlyIfNone === undefined).map(ask));
    const seen = new Set(first.flat().map(({ metric }) => metric));
    const others = selections.filter(
      ({ onlyIfNone }) => onlyIfNone?.every((metric) => !seen.has(metric)) === true,
    );
    return [...first, ...(await Promise.all(others.map(ask)))].flat();
  }

  async #window(selection: Selection, { atMs, windowMs }: PowerQuery): Promise<readonly RawSeries[]> {
    const names = Object.keys(selection.metrics);
    const range = `[${String(Math.max(windowMs, this.#shortestWindowMs))}ms]`;
    const wanted = selector([oneOf('__name__', names), ...(selection.matchers ?? []), ...this.#matchers]);
    const { series } = await this.#client.instant(wanted + range, atMs);
    return series.map((each) => {
      const metric = each.labels['__name__'] ?? '';
      const figure = selection.metrics[metric] === 'counter' ? counterRate(each) : gaugeMean(each);
      return { metric, labels: each.labels, figure, last: each.values.at(-1) ?? Number.NaN };
    });
  }

  async #longWindow(selection: Selection, query: PowerQuery, naming: Naming): Promise<readonly RawSeries[]> {
    const grid = gridOfWindow(query);
    const pieces = await new RangeReader(this.#client).read(
      rateExpression(selection, this.#matchers, grid.stepMs),
      grid,
    );
    return longMeans(pieces, ({ labels }) => naming.nodes.nodeOf(labels).node ?? '').map(
      ({ series, mean, lastMs }) => ({
        metric: series.labels[METRIC_LABEL] ?? '',
        labels: series.labels,
        figure: figureOf(mean, lastMs),
        last: mean,
      }),
    );
  }

  /** What there was, of which some is gone. Rejects with KC_METRICS_UNAVAILABLE. */
  past(query: PowerHistoryQuery, live: PowerInventory): Promise<InventoryAt> {
    return pastInventory(this.#options, query, live);
  }

  /** One entry per whole step of the query. Rejects with KC_METRICS_UNAVAILABLE. */
  async history(query: PowerHistoryQuery, inventoryAt: InventoryAt): Promise<readonly ExporterReadings[]> {
    const grid = queryGrid(query);
    const told: { readonly exporter: Exporter; readonly cursor: SeriesCursor }[] = [];
    for (const exporter of EXPORTERS) told.push({ exporter, cursor: await this.#past(exporter, grid) });
    return Array.from({ length: grid.steps }, (_, step) => {
      const atMs = stepEndMs(grid, step);
      const naming = namingOf(inventoryAt(atMs));
      return joined(told.map(({ exporter, cursor }) => exporter.read(cursor.at(atMs, naming.nodes), naming)));
    });
  }

  async #past(exporter: Exporter, grid: Grid): Promise<SeriesCursor> {
    const reader = new RangeReader(this.#client);
    const windowMs = Math.max(grid.stepMs, this.#shortestWindowMs);
    const series = await this.#selected(exporter.selections, async (selection) => {
      const read = await reader.read(rateExpression(selection, this.#matchers, windowMs), grid);
      return read.map((each) => ({ ...each, metric: each.labels[METRIC_LABEL] ?? '' }));
    });
    return new SeriesCursor(series);
  }
}

function figureOf(value: number, atMs: number): RawSeries['figure'] {
  if (!Number.isFinite(value)) return { reason: 'NotFinite' };
  return value < 0 ? { reason: 'Negative', atMs } : { value, atMs };
}

function namingOf(inventory: PowerInventory): Naming {
  return { inventory, nodes: new NodeNames(inventory), pods: new PodNames(inventory) };
}

function joined(told: readonly ExporterReadings[]): ExporterReadings {
  return {
    nodes: told.flatMap(({ nodes }): readonly NodeReading[] => nodes),
    devices: told.flatMap(({ devices }): readonly DeviceReading[] => devices),
    problems: told.flatMap(({ problems }): readonly PowerProblem[] => problems),
  };
}

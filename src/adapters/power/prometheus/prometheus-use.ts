/** What containers and nodes used, from the kubelets' cAdvisor series in Prometheus: every pod, jobs and gone ones too. */
import type { ClusterUse, ContainerUse, PowerInventory } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery, PowerQuery } from '#domain/power/power.ts';
import { isPlausible } from '#domain/usage/plausible.ts';
import { queryGrid, stepEndMs } from '#domain/usage/series.ts';
import type { RangeSeries } from '../../metrics/prometheus/client/range-series.ts';
import { RangeReader } from '../../metrics/prometheus/usage/range-reader.ts';
import { literal, selector } from '../../metrics/prometheus/usage/selectors.ts';
import { type UseAnswer, type UseSource, unknownUse } from '../utilisation/use-source.ts';
import type { ExporterReaderOptions } from './reader-options.ts';
import { LONGEST_RAW_MS, gridOfWindow, longMeans } from './long-window.ts';
import { NodeNames } from './node-names.ts';

const SOURCE = 'cadvisor';
const CPU = 'container_cpu_usage_seconds_total';
const LOOK_BACK_MS = 600_000;

interface LabelNames {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Put aside by the scrape configuration, as they are, and as kubelets before 1.16 had them. */
const STYLES: readonly LabelNames[] = [
  { namespace: 'exported_namespace', pod: 'exported_pod', container: 'exported_container' },
  { namespace: 'namespace', pod: 'pod', container: 'container' },
  { namespace: 'namespace', pod: 'pod_name', container: 'container_name' },
];

export class PrometheusUse implements UseSource {
  readonly #options: ExporterReaderOptions;
  readonly #matchers: readonly string[];

  constructor(options: ExporterReaderOptions) {
    this.#options = options;
    this.#matchers = Object.entries(options.matchers ?? {}).map(
      ([name, value]) => `${name}=${literal(value)}`,
    );
  }

  /** Rejects with KC_METRICS_UNAVAILABLE where Prometheus does not answer. */
  async current(query: PowerQuery, inventory: PowerInventory): Promise<UseAnswer> {
    const { atMs } = query;
    const names = await this.#names(atMs - LOOK_BACK_MS, atMs);
    if (names === undefined) return unscraped();
    const [containers, nodes] = await Promise.all([
      this.#now((windowMs) => this.#containers(names, windowMs), query),
      this.#now((windowMs) => this.#nodes(windowMs), query),
    ]);
    return answerOf({ containers, nodes }, { atMs, names, inventory, at: lastOf });
  }

  /** One value per series. */
  async #now(expression: (windowMs: number) => string, query: PowerQuery): Promise<readonly RangeSeries[]> {
    const { client } = this.#options;
    if (query.windowMs <= LONGEST_RAW_MS)
      return (await client.instant(expression(query.windowMs), query.atMs)).series;
    const grid = gridOfWindow(query);
    const pieces = await new RangeReader(client).read(expression(grid.stepMs), grid);
    return longMeans(pieces, () => '').map(({ series, mean }) => ({
      ...series,
      values: Float64Array.of(mean),
    }));
  }

  /** Rejects with KC_METRICS_UNAVAILABLE where Prometheus does not answer. */
  async history(query: PowerHistoryQuery, inventory: PowerInventory): Promise<readonly UseAnswer[]> {
    const grid = queryGrid(query);
    const steps = Array.from({ length: grid.steps }, (_, step) => stepEndMs(grid, step));
    const names = await this.#names(query.fromMs, query.toMs);
    if (names === undefined) return steps.map(unscraped);
    const reader = new RangeReader(this.#options.client);
    const containers = await reader.read(this.#containers(names, query.stepMs), grid);
    const nodes = await reader.read(this.#nodes(query.stepMs), grid);
    return steps.map((atMs) => answerOf({ containers, nodes }, { atMs, names, inventory, at: valueAt }));
  }

  /** Undefined where there are no such series. */
  async #names(startMs: number, endMs: number): Promise<LabelNames | undefined> {
    const seen = await this.#options.client.labelNames(CPU + selector(this.#matchers), { startMs, endMs });
    return STYLES.find((style) => Object.values(style).every((label: string) => seen.includes(label)));
  }

  /** Scraped twice counts once; a container that restarted has a series per life. */
  #containers(names: LabelNames, windowMs: number): string {
    const by = `${names.namespace},${names.pod},${names.container}`;
    const none = [`${names.container}!=""`, `${names.container}!="POD"`];
    return `sum by (${by}) (max by (${by},id) (${this.#rate(none, windowMs)}))`;
  }

  #nodes(windowMs: number): string {
    return `max by (instance,node,kubernetes_node,kubernetes_io_hostname) (${this.#rate(['id="/"'], windowMs)})`;
  }

  #rate(matchers: readonly string[], windowMs: number): string {
    const range = Math.max(windowMs, this.#options.shortestWindowMs);
    return `rate(${CPU}${selector([...matchers, ...this.#matchers])}[${String(range)}ms])`;
  }
}

function unscraped(): UseAnswer {
  return unknownUse(SOURCE, 'Prometheus does not scrape the kubelets (/metrics/cadvisor)');
}

interface Told {
  readonly containers: readonly RangeSeries[];
  readonly nodes: readonly RangeSeries[];
}

interface Reading {
  readonly atMs: number;
  readonly names: LabelNames;
  readonly inventory: PowerInventory;
  readonly at: (series: RangeSeries, atMs: number) => number;
}

function answerOf(told: Told, { at, atMs, inventory, names }: Reading): UseAnswer {
  const containers = told.containers.flatMap((series): readonly ContainerUse[] => {
    const cpuCores = at(series, atMs);
    const { labels } = series;
    const ref = {
      namespace: labels[names.namespace] ?? '',
      pod: labels[names.pod] ?? '',
      container: labels[names.container] ?? '',
    };
    return isPlausible('cpuCores', cpuCores) ? [{ ...ref, cpuCores }] : [];
  });
  if (containers.length === 0) return unknownUse(SOURCE, 'there are no samples of this time');
  const nodeNames = new NodeNames(inventory);
  const nodes = told.nodes.flatMap((series) => {
    const { node } = nodeNames.nodeOf(series.labels);
    const cpuCores = at(series, atMs);
    return node !== undefined && isPlausible('cpuCores', cpuCores) ? [{ node, cpuCores }] : [];
  });
  const use: ClusterUse = { source: SOURCE, atMs, containers, nodes };
  return { use };
}

function lastOf({ values }: RangeSeries): number {
  return values.at(-1) ?? Number.NaN;
}

const INDEXES = new WeakMap<RangeSeries, ReadonlyMap<number, number>>();

/** The value at exactly one time; NaN where there is none. */
function valueAt(series: RangeSeries, atMs: number): number {
  const index = INDEXES.get(series) ?? new Map([...series.times].map((time, at) => [time, at]));
  INDEXES.set(series, index);
  return series.values[index.get(atMs) ?? -1] ?? Number.NaN;
}

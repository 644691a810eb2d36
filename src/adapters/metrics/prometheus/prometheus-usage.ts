/**
 * Usage from a source that speaks PromQL. A query for many workloads becomes few queries for whole namespaces, each
 * over as much time as the source serves at once; pods are put together on the source's side, by the names of their
 * controllers, so that what travels is a handful of series per workload and not one per pod.
 */
import { queryGrid, stepEndMs } from '#domain/usage/series.ts';
import {
  CPU_AVERAGING_MS,
  type UsageQuery,
  type UsageSource,
  type WorkloadUsage,
} from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { Clock } from '#platform/clock.ts';
import type { PromqlClient } from './client/promql-client.ts';
import { isTooLarge, isTooWide } from './client/source-error.ts';
import { ensureOneCluster } from './usage/cluster-labels.ts';
import { type Flavour, detectFlavour } from './usage/label-flavour.ts';
import { MAX_STEPS, RangeReader, pieces } from './usage/range-reader.ts';
import { halvesOf, MAX_WORKLOADS, type Scope, scopesOf } from './usage/scope.ts';
import { ScopeReader } from './usage/scope-reader.ts';
import { literal } from './usage/selectors.ts';
import { measureExtent, readOwnership } from './usage/source-facts.ts';
import { UsageBuilder } from './usage/usage-builder.ts';

export interface PrometheusUsageOptions {
  readonly client: PromqlClient;
  readonly clock: Clock;
  /** Labels that every series must have, e.g. `{ cluster: 'prod' }` in a store of several clusters. */
  readonly matchers?: Readonly<Record<string, string>>;
  /** How many queries run at once; default 3. */
  readonly concurrency?: number;
  /** How many points one query may make the source hold; default 5 million, a tenth of what Prometheus allows. */
  readonly pointsPerQuery?: number;
}

const DEFAULT_CONCURRENCY = 3;
const DEFAULT_POINTS = 5_000_000;
/** The kubelet is scraped every 15 to 60 s; before a look at the data the longest is taken. */
const DEFAULT_SCRAPE_MS = 60_000;
/** Exporters are seldom set up anew. */
const FLAVOUR_HOLDS_MS = 600_000;

export class PrometheusUsage implements UsageSource {
  readonly name = 'prometheus';
  readonly #options: PrometheusUsageOptions;
  /** As it was last measured: what a source did an hour ago it does still. */
  #scrapeMs = DEFAULT_SCRAPE_MS;
  #workloadsAtOnce = MAX_WORKLOADS;
  #flavour: { readonly value: Flavour; readonly atMs: number } | undefined;

  constructor(options: PrometheusUsageOptions) {
    this.#options = options;
  }

  /** Rejects with KC_METRICS_UNAVAILABLE where the source does not answer; what it says about an answer is in `warnings`. */
  async usage(query: UsageQuery): Promise<readonly WorkloadUsage[]> {
    const grid = queryGrid(query);
    const builder = new UsageBuilder(grid);
    const reader = new RangeReader(this.#options.client);
    const lastSamples = new Map<WorkloadRef, number>();
    const flavour = await this.#flavourFor(query);
    if (flavour.cadvisor !== undefined && grid.steps > 0) {
      for (const scope of scopesOf(query.workloads, this.#extraMatchers(), this.#workloadsAtOnce)) {
        await this.#readWhatIsServed(scope, { query, builder, reader, flavour, lastSamples });
      }
    }
    const warnings = flavour.problem === undefined ? reader.warnings : [flavour.problem];
    return query.workloads.map((workload) => answer(workload, query, { builder, lastSamples, warnings }));
  }

  /** In halves where the source cannot serve the series of a scope at once; from then on never more of them. */
  async #readWhatIsServed(scope: Scope, reading: Reading): Promise<void> {
    try {
      await this.#readScope(scope, reading);
    } catch (error) {
      const halves = isTooWide(error) || isTooLarge(error) ? halvesOf(scope) : undefined;
      if (halves === undefined) throw error;
      this.#workloadsAtOnce = Math.min(this.#workloadsAtOnce, halves[0].workloads.length);
      reading.builder.forget(scope.workloads);
      reading.reader.widen();
      for (const half of halves) await this.#readWhatIsServed(half, reading);
    }
  }

  async #readScope(scope: Scope, reading: Reading): Promise<void> {
    const { builder, flavour, lastSamples, query, reader } = reading;
    const { client, concurrency = DEFAULT_CONCURRENCY } = this.#options;
    const { cadvisor, kubeState } = flavour;
    if (cadvisor === undefined) return;
    const { grid } = builder;
    const range = { startMs: grid.startMs, endMs: stepEndMs(grid, grid.steps - 1) };
    const [extent, owners] = await Promise.all([
      measureExtent(client, scope, { ...cadvisor, atMs: range.endMs }),
      readOwnership(client, scope, { names: kubeState, range }),
    ]);
    this.#scrapeMs = extent.scrapeMs ?? this.#scrapeMs;
    const context = {
      scope: { ...scope, foreignPods: owners.foreignPods },
      ...cadvisor,
      stepMs: query.stepMs,
      scrapeMs: this.#scrapeMs,
      strict: false,
    };
    const scopeReader = new ScopeReader({
      client,
      reader,
      builder,
      ownership: owners.ownership,
      context,
      kubeState,
      concurrency,
    });
    for (const piece of pieces(grid, this.#stepsAtOnce(extent.containers, query.stepMs)))
      await scopeReader.read(piece);
    const newest = await client.instant(scopeReader.newestSampleExpression(), range.endMs);
    for (const [workload, atMs] of scopeReader.newestSamples(newest.series)) lastSamples.set(workload, atMs);
  }

  /** Longer steps are made of five-minute points. */
  #stepsAtOnce(containers: number, stepMs: number): number {
    const pointsPerStep = Math.max(1, containers) * Math.max(1, stepMs / CPU_AVERAGING_MS);
    const steps = Math.floor((this.#options.pointsPerQuery ?? DEFAULT_POINTS) / pointsPerStep);
    return Math.min(MAX_STEPS, Math.max(1, steps));
  }

  async #flavourFor(query: UsageQuery): Promise<Flavour> {
    const { client, clock } = this.#options;
    const known = this.#flavour;
    const nowMs = clock.now();
    if (known !== undefined && nowMs - known.atMs < FLAVOUR_HOLDS_MS) return known.value;
    const range = { startMs: query.fromMs, endMs: query.toMs };
    const selector = this.#extraMatchers().join(',');
    await ensureOneCluster(client, this.#options.matchers ?? {}, { selector, range });
    const value = await detectFlavour(client, selector, range);
    // A source that has nothing yet may have something soon.
    if (value.cadvisor !== undefined && value.kubeState !== undefined) this.#flavour = { value, atMs: nowMs };
    return value;
  }

  #extraMatchers(): readonly string[] {
    return Object.entries(this.#options.matchers ?? {}).map(([name, value]) => `${name}=${literal(value)}`);
  }
}

interface Reading {
  readonly query: UsageQuery;
  readonly builder: UsageBuilder;
  readonly reader: RangeReader;
  readonly flavour: Flavour;
  readonly lastSamples: Map<WorkloadRef, number>;
}

interface Built {
  readonly builder: UsageBuilder;
  readonly lastSamples: ReadonlyMap<WorkloadRef, number>;
  readonly warnings: readonly string[];
}

function answer(workload: WorkloadRef, query: UsageQuery, built: Built): WorkloadUsage {
  const containers = built.builder.containersOf(workload);
  const lastStepMs = Math.max(
    ...containers.map((container) => container.lastKnownMs() ?? Number.NEGATIVE_INFINITY),
  );
  const lastMs = built.lastSamples.get(workload) ?? lastStepMs;
  return {
    workload,
    fromMs: query.fromMs,
    toMs: query.toMs,
    containers: containers.map((container) => container.build()),
    source: 'prometheus',
    lastSampleAtMs: Number.isFinite(lastMs) ? lastMs : undefined,
    ...(built.warnings.length === 0 ? {} : { warnings: built.warnings }),
  };
}

/** The estimator in numbers, for Prometheus: what it read, what that costs, how it collects, how its sinks do. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Delivery } from '#adapters/sinks/delivery.ts';
import type { CollectionResult } from './collecting/collector.ts';
import type { Readings } from './collecting/readings.ts';
import { sumWatts } from './answers/power-answer.ts';
import type { Tariff } from './tariff.ts';

const PREFIX = 'kcloud_estimator';

/** To be told of each collection. */
export function collectionMetrics(
  registry: Registry,
  nowMs: () => number,
): (result: CollectionResult) => void {
  const registers = [registry];
  const collections = new Counter({
    name: `${PREFIX}_collections_total`,
    help: 'Collections, by whether they did well.',
    labelNames: ['result'],
    registers,
  });
  const durations = new Histogram({
    name: `${PREFIX}_collection_duration_seconds`,
    help: 'From the question to the source until the samples are kept.',
    buckets: [0.05, 0.1, 0.5, 1, 5, 15, 60],
    registers,
  });
  const samples = new Counter({
    name: `${PREFIX}_samples_total`,
    help: 'Samples that were kept.',
    registers,
  });
  const last = new Gauge({
    name: `${PREFIX}_last_collection_timestamp_seconds`,
    help: 'When a collection last did well.',
    registers,
  });
  return (result) => {
    collections.inc({ result: result.ok ? 'ok' : 'failed' });
    durations.observe(result.durationMs / 1000);
    samples.inc(result.samples);
    if (result.ok) last.set(nowMs() / 1000);
  };
}

/** What is known now; nothing is told of a source that is down. */
export function powerMetrics(registry: Registry, readings: Readings, tariff: Tariff): void {
  const registers = [registry];
  const snapshot = () => (readings.problem === undefined ? readings.last : undefined);
  new Gauge({
    name: 'kcloud_node_power_watts',
    help: 'What a node draws.',
    labelNames: ['node', 'origin'],
    registers,
    collect() {
      this.reset();
      for (const { node, origin, watts } of snapshot()?.nodes ?? []) this.set({ node, origin }, watts);
    },
  });
  const byNamespace = () => {
    const { containers = [], atMs = 0 } = snapshot() ?? {};
    const groups = Map.groupBy(containers, ({ namespace }) => namespace);
    return [...groups].map(([namespace, own]) => ({ namespace, watts: sumWatts(own), atMs }));
  };
  new Gauge({
    name: 'kcloud_namespace_power_watts',
    help: 'What the containers of a namespace draw, their share of idle nodes included.',
    labelNames: ['namespace'],
    registers,
    collect() {
      this.reset();
      for (const { namespace, watts } of byNamespace()) this.set({ namespace }, watts);
    },
  });
  new Gauge({
    name: 'kcloud_namespace_energy_cost_usd_per_hour',
    help: 'What an hour at this power costs: electricity, cooling and carbon.',
    labelNames: ['namespace'],
    registers,
    collect() {
      this.reset();
      for (const { namespace, watts, atMs } of byNamespace()) {
        const { totalUsd } = tariff.hourAt(watts, atMs);
        if (totalUsd !== undefined) this.set({ namespace }, totalUsd);
      }
    },
  });
}

const SINK_COUNTERS = {
  delivered: 'taken',
  dropped: 'dropped since the outbox was full',
  rejected: 'refused for good',
} as const;

export function sinkMetrics(registry: Registry, deliveries: readonly Delivery[], nowMs: () => number): void {
  const registers = [registry];
  const gauge = (name: string, help: string, valueOf: (delivery: Delivery) => number) =>
    new Gauge({
      name: `${PREFIX}_sink_${name}`,
      help,
      labelNames: ['sink'],
      registers,
      collect() {
        for (const delivery of deliveries) this.set({ sink: delivery.state.sink }, valueOf(delivery));
      },
    });
  gauge('up', 'Whether a sink takes samples.', ({ state }) => (state.problem === undefined ? 1 : 0));
  gauge('backlog_batches', 'Collections that a sink does not have yet.', ({ state }) => state.batches);
  gauge('backlog_age_seconds', 'Age of the oldest of them.', ({ state: { oldestAtMs } }) =>
    oldestAtMs === undefined ? 0 : Math.max(0, (nowMs() - oldestAtMs) / 1000),
  );
  for (const name of ['delivered', 'dropped', 'rejected'] as const) {
    new Counter({
      name: `${PREFIX}_sink_${name}_batches_total`,
      help: `Collections that a sink has ${SINK_COUNTERS[name]}.`,
      labelNames: ['sink'],
      registers,
      collect() {
        this.reset();
        for (const { state } of deliveries) this.inc({ sink: state.sink }, state[name]);
      },
    });
  }
}

/** Sources of watts that have seen the machines of the rack: a real Prometheus with exporters, and the model. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collector } from '#adapters/metrics/embedded/collector/collector.ts';
import { ListedPods } from '#adapters/metrics/embedded/collector/pod-source.ts';
import { EmbeddedUsage } from '#adapters/metrics/embedded/embedded-usage.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import { createPowerSource } from '#adapters/power/create-power-source.ts';
import type { PowerOrigin, PowerSource } from '#domain/power/power.ts';
import { failure } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { testClient } from '../metrics/prometheus-target.ts';
import { ExporterServer } from './exporter-server.ts';
import { type RackExporter, rackExporters } from './rack-exporters.ts';
import { OTHER_PODS, PLAIN_PODS, buildRack, tellUse } from './rack.ts';

export interface PowerTarget {
  readonly source: PowerSource;
  /** What it says of the machines that everybody knows. */
  readonly origin: PowerOrigin;
  /** The present; two whole steps of history end with it. */
  nowMs(): number;
  readonly windowMs: number;
  readonly stepMs: number;
  /** Takes one exporter away; undefined where there are none. */
  stopExporter?(name: string): Promise<void>;
  breakDown(): Promise<void>;
  stop(): Promise<void>;
}

export interface PowerTargetStarter {
  readonly name: string;
  unavailable(): string | undefined;
  start(): Promise<PowerTarget>;
}

export const MEASURED: PowerTargetStarter = {
  name: 'exporters on a Prometheus',
  unavailable: whyNoPrometheus,
  start: startMeasured,
};

export const MODELLED: PowerTargetStarter = {
  name: 'the model on the embedded history',
  unavailable: () => undefined,
  start: startModelled,
};

/** From this age on a sample is stale to the measured target. */
export const STALE_AFTER_MS = 4000;
const SCRAPES = 9;

async function startMeasured(): Promise<PowerTarget> {
  const rack = await buildRack({ pods: [...PLAIN_PODS, ...OTHER_PODS], atMs: Date.now() });
  const exporters = new Map<string, ExporterServer>();
  const jobs: unknown[] = [];
  for (const [name, exporter] of Object.entries(await rackExporters(rack))) {
    const server = await ExporterServer.start(exporter.exposition);
    exporters.set(name, server);
    jobs.push(...jobsOf(name, exporter, server.target));
  }
  const prometheus = await PrometheusServer.start({ scrapeConfigs: jobs });
  await eventually('every exporter to be scraped', () =>
    Promise.resolve([...exporters.values()].every(({ scrapes }) => scrapes >= SCRAPES)),
  );
  const source = createPowerSource({
    clock: new SystemClock(),
    cluster: rack.cluster.client,
    prometheus: testClient(prometheus.url),
    shortestWindowMs: 4000,
    staleAfterMs: STALE_AFTER_MS,
  });
  return {
    source,
    origin: 'measured',
    nowMs: () => Date.now(),
    windowMs: 6000,
    stepMs: 4000,
    stopExporter: async (name) => exporters.get(name)?.stop(),
    breakDown: () => prometheus.stop(),
    stop: async () => {
      await prometheus.stop();
      await Promise.all([...exporters.values()].map((server) => server.stop()));
      await sleep(0);
    },
  };
}

function jobsOf(
  name: string,
  { isDoubled = false, targetLabels = {} }: RackExporter,
  target: string,
): readonly unknown[] {
  const names = isDoubled ? [name, `${name}-again`] : [name];
  return names.map((job) => ({
    job_name: job,
    static_configs: [{ targets: [target], labels: targetLabels }],
  }));
}

const T0 = Date.parse('2026-05-01T00:00:00Z');
const TICK_MS = 30_000;
const TICKS = 40;

/** Twenty minutes of the embedded collector, in virtual time. */
async function startModelled(): Promise<PowerTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-power-'));
  const { cluster } = await buildRack({ pods: PLAIN_PODS, atMs: T0 });
  const clock = new ManualClock(T0);
  const history = UsageHistory.open(join(folder, 'usage.db'));
  const { client } = cluster;
  const collector = new Collector({
    client,
    pods: new ListedPods(client),
    history,
    clock,
    logger: silentLogger,
  });
  for (let tick = 1; tick <= TICKS; tick += 1) {
    await clock.advance(TICK_MS);
    await tellUse(cluster, { pods: PLAIN_PODS, atMs: clock.now() });
    await collector.look();
  }
  return {
    source: createPowerSource({
      clock,
      cluster: client,
      usage: new EmbeddedUsage(history.reader, () => collector.status),
    }),
    origin: 'modelled',
    nowMs: () => T0 + TICKS * TICK_MS,
    windowMs: 300_000,
    stepMs: 300_000,
    breakDown: async () => {
      cluster.server.intercept = () => failure(500, 'InternalError', 'etcd is down');
      await clock.advance(60_000);
    },
    stop: async () => {
      await collector.stop();
      history.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

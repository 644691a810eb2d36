/** Series of a few minutes, served by a real Prometheus, and usage as it is read from there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import type { UsageQuery, WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SystemClock } from '#platform/clock.ts';
import { type OpenMetricsSeries, writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { testClient } from './prometheus-target.ts';
import { MIB, STEP_MS, T0, TICK_MS, stepStartMs } from './scenario.ts';

export const WINDOW = { fromMs: T0, toMs: stepStartMs(6), stepMs: STEP_MS };

const servers: { stop(): Promise<void> }[] = [];

export async function serve(
  series: readonly OpenMetricsSeries[],
  flags: readonly string[] = [],
): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-exposition-'));
  const file = join(folder, 'series.om');
  writeOpenMetrics(file, series);
  const server = await PrometheusServer.start({ history: [file], flags });
  servers.push(server);
  rmSync(folder, { recursive: true, force: true });
  return server;
}

/** One client per server: each keeps its connections, of which Prometheus serves 512. */
const sources = new Map<string, PrometheusUsage>();

export async function usageOf(
  server: PrometheusServer,
  workloads: readonly WorkloadRef[],
  query: Omit<UsageQuery, 'workloads'> = WINDOW,
): Promise<readonly WorkloadUsage[]> {
  const known = sources.get(server.url);
  const source = known ?? new PrometheusUsage({ client: testClient(server.url), clock: new SystemClock() });
  sources.set(server.url, source);
  return source.usage({ workloads, ...query });
}

/** A value at every tick of the window. */
export function ticks(value: (atMs: number) => number): (readonly [number, number])[] {
  const count = (WINDOW.toMs - T0) / TICK_MS + 1;
  return Array.from({ length: count }, (_, tick) => T0 + tick * TICK_MS).map((atMs) => [atMs, value(atMs)]);
}

export interface FakeUsage {
  readonly labels: Readonly<Record<string, string>>;
  readonly cpu: (atMs: number) => number;
  readonly memory?: (atMs: number) => number;
}

export const seconds = (atMs: number): number => (atMs - T0) / 1000;

export function container({ labels, cpu, memory = () => 100 * MIB }: FakeUsage): OpenMetricsSeries[] {
  return [
    { name: 'container_cpu_usage_seconds_total', labels, samples: ticks(cpu) },
    { name: 'container_memory_working_set_bytes', labels, samples: ticks(memory) },
  ];
}

export const app = (pod: string, namespace = 'shop'): Record<string, string> => ({
  namespace,
  pod,
  container: 'app',
  image: 'x',
});

/** For `afterEach`. */
export async function stopServers(): Promise<void> {
  for (const server of servers.splice(0)) await server.stop();
}

export function keepUntilStopped(server: { stop(): Promise<void> }): void {
  servers.push(server);
}

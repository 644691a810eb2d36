/** The Prometheus adapter on a real Prometheus, whose database holds the scenario as it was scraped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDirectly } from '#adapters/metrics/prometheus/client/connection.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { exposition } from './exposition.ts';
import type { Scenario } from './scenario.ts';
import type { MetricsTarget, MetricsTargetStarter } from './target.ts';

export const PROMETHEUS: MetricsTargetStarter = {
  name: 'the Prometheus adapter',
  unavailable: whyNoPrometheus,
  tellsBlindRestarts: 'afterwards',
  start,
};

/** A client that gives up fast, as tests want it. */
export function testClient(url: string): PromqlClient {
  const clock = new SystemClock();
  const endpoint = connectDirectly({ url, clock });
  const backoff = { initialMs: 10, maxMs: 50 };
  return new PromqlClient({ endpoint, clock, random: new SeededRandom(1), backoff });
}

async function start(scenario: Scenario): Promise<MetricsTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'kcloud-exposition-'));
  const file = join(folder, 'scenario.om');
  writeOpenMetrics(file, exposition(scenario));
  const server = await PrometheusServer.start({ history: [file] });
  rmSync(folder, { recursive: true, force: true });
  return {
    source: new PrometheusUsage({ client: testClient(server.url), clock: new SystemClock() }),
    breakDown: () => server.stop(),
    stop: () => server.stop(),
  };
}

/**
 * The Prometheus adapter at scale, on a real Prometheus whose database is filled first (that takes most of the time).
 * Prints how long query and parsing take for the whole cluster, for a namespace and for one workload.
 *
 *   node bench/metrics/prometheus.ts [containers=10000] [days=14] [scrapeSeconds=120]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDirectly } from '#adapters/metrics/prometheus/client/connection.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import { knownSteps } from '#domain/usage/series.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { type OpenMetricsSeries, writeOpenMetrics } from '#test/servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '#test/servers/prometheus/prometheus-server.ts';

const CONTAINERS = Number(process.argv[2] ?? 10_000);
const DAYS = Number(process.argv[3] ?? 14);
const SCRAPE_MS = Number(process.argv[4] ?? 120) * 1000;
const NAMESPACES = 40;
const PODS_PER_WORKLOAD = 3;
const BLOCK_MS = 7_200_000;
const DAY_MS = 86_400_000;
const MIB = 2 ** 20;
const T0 = 2_900 * 7 * DAY_MS;
const TO_MS = T0 + DAYS * DAY_MS;

const WORKLOADS = Array.from(
  { length: Math.ceil(CONTAINERS / PODS_PER_WORKLOAD) },
  (_, index): WorkloadRef => {
    return {
      kind: 'Deployment',
      namespace: `team-${String(index % NAMESPACES)}`,
      name: `app-${String(index)}`,
    };
  },
);

/** Two hours of every container: one block of the database. */
function block(fromMs: number): readonly OpenMetricsSeries[] {
  return Array.from({ length: CONTAINERS }, (_, index) => {
    const { namespace, name } = WORKLOADS[Math.floor(index / PODS_PER_WORKLOAD)] ?? {
      namespace: '',
      name: '',
    };
    const suffix = ['bbbbb', 'ccccc', 'ddddd'][index % PODS_PER_WORKLOAD] ?? '';
    const labels = {
      namespace,
      pod: `${name}-5d69f8f4b7-${suffix}`,
      container: 'app',
      image: 'x',
      instance: `node-${String(index % 200)}`,
      job: 'kubelet',
    };
    const samples = (value: (tick: number) => number): (readonly [number, number])[] =>
      Array.from({ length: BLOCK_MS / SCRAPE_MS }, (_each, tick) => {
        const atMs = fromMs + tick * SCRAPE_MS + (index % 97) * 100;
        return [atMs, value(Math.round((fromMs - T0) / SCRAPE_MS) + tick)];
      });
    const cores = 0.05 + (index % 20) / 40;
    const wobble = (tick: number): number => (((tick + index) * 7919) % 1000) / 1000;
    return [
      {
        name: 'container_cpu_usage_seconds_total',
        labels,
        samples: samples((tick) => Math.round((tick + wobble(tick) / 2) * cores * SCRAPE_MS) / 1000),
      },
      {
        name: 'container_memory_working_set_bytes',
        labels,
        samples: samples((tick) => Math.round((200 + 40 * wobble(tick)) * 256) * 4096),
      },
      {
        name: 'kube_pod_container_status_restarts_total',
        labels: { namespace, pod: labels.pod, container: 'app', uid: labels.pod },
        samples: samples(() => 0),
      },
    ];
  }).flat();
}

async function start(folder: string): Promise<PrometheusServer> {
  const files: string[] = [];
  const startedMs = performance.now();
  const history = function* (): Generator<string> {
    for (let fromMs = T0; fromMs < TO_MS; fromMs += BLOCK_MS) {
      const file = join(folder, 'block.om');
      writeOpenMetrics(file, block(fromMs));
      files.push(file);
      yield file;
    }
  };
  const flags = [
    '--storage.tsdb.min-block-duration=2h',
    '--storage.tsdb.max-block-duration=2h',
    '--query.timeout=5m',
  ];
  const server = await PrometheusServer.start({ history: history(), flags });
  const samples = (CONTAINERS * 3 * DAYS * DAY_MS) / SCRAPE_MS / 1e6;
  console.log(
    `filled with ${samples.toFixed(0)} M samples in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
  );
  return server;
}

async function measure(
  what: string,
  source: PrometheusUsage,
  workloads: readonly WorkloadRef[],
): Promise<void> {
  const startedMs = performance.now();
  const usages = await source.usage({ workloads, fromMs: T0, toMs: TO_MS, stepMs: 300_000 });
  const seconds = (performance.now() - startedMs) / 1000;
  const known = usages.flatMap(({ containers }) =>
    containers.map(({ cpuCores }) => (cpuCores === undefined ? 0 : knownSteps(cpuCores))),
  );
  const points = known.reduce((sum, steps) => sum + steps, 0);
  const rss = (process.memoryUsage().rss / MIB).toFixed(0);
  console.log(
    `${what.padEnd(40)} ${seconds.toFixed(2).padStart(8)} s   ${String(points)} steps known   rss ${rss} MiB`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'kcloud-bench-'));
const server = await start(folder);
try {
  const clock = new SystemClock();
  const endpoint = connectDirectly({ url: server.url, clock });
  const client = new PromqlClient({ endpoint, clock, random: systemRandom, timeoutMs: 300_000 });
  const source = new PrometheusUsage({ client, clock });
  console.log(
    `${String(CONTAINERS)} containers of ${String(WORKLOADS.length)} workloads, ${String(DAYS)} days at 5 min`,
  );
  await measure('one workload', source, WORKLOADS.slice(0, 1));
  await measure('one workload, again', source, WORKLOADS.slice(0, 1));
  await measure(
    'one namespace',
    source,
    WORKLOADS.filter(({ namespace }) => namespace === 'team-0'),
  );
  await measure('the whole cluster', source, WORKLOADS);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

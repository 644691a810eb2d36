/** How usage is written down in the field, on a real Prometheus: other labels, other metrics, several clusters, rare scrapes. */
import { afterEach, describe, expect, it } from 'vitest';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import type { UsageSeries } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SystemClock } from '#platform/clock.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { testClient } from './prometheus-target.ts';
import { MIB, T0, stepStartMs } from './scenario.ts';
import { app, container, seconds, serve, stopServers, ticks, usageOf, WINDOW } from './served-series.ts';

const NOTHING = skipReason('flavours of usage metrics', whyNoPrometheus());
const WEB: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const POD = 'web-5d69f8f4b7-x7k2p';

afterEach(stopServers);

describe.skipIf(NOTHING)('usage', () => {
  it('is read from a cAdvisor that runs by itself', async () => {
    const label = (name: string): string => `container_label_io_kubernetes_${name}`;
    const labels = { [label('pod_namespace')]: 'shop', [label('pod_name')]: POD, [label('container_name')]: 'app', name: 'k8s_app' }; // prettier-ignore
    const pause = { ...labels, [label('container_name')]: 'POD' };
    const server = await serve([...container({ labels, cpu: seconds }), ...container({ labels: pause, cpu: (atMs) => 9 * seconds(atMs) })]); // prettier-ignore
    const [web] = await usageOf(server, [WEB]);
    expect(web?.containers.map(({ container: name }) => name)).toEqual(['app']);
    expect(web?.containers[0]?.cpuCores?.max[2]).toBeCloseTo(1, 6);
  });

  it.each(['sum_rate5m', 'sum_irate', 'sum_rate'])(
    'is read from what rules have recorded: %s',
    async (suffix) => {
      const recorded = (name: string, value: number) => ({
        name: `node_namespace_pod_container:${name}`,
        labels: { ...app(POD), node: 'a' },
        samples: ticks(() => value),
      });
      const server = await serve([
        recorded(`container_cpu_usage_seconds_total:${suffix}`, 0.5),
        recorded('container_memory_working_set_bytes', 100 * MIB),
      ]);
      const [web] = await usageOf(server, [WEB]);
      const at = (series: UsageSeries | undefined) => [series?.max[2], series?.mean[2], series?.pods[2]];
      const [only] = web?.containers ?? [];
      expect(at(only?.cpuCores)).toEqual([0.5, 0.5, 1]);
      expect(at(only?.memoryBytes)).toEqual([100 * MIB, 100 * MIB, 1]);
      expect(web?.lastSampleAtMs).toBeGreaterThan(stepStartMs(5));
    },
  );

  it('is unknown where series name no pods, which is said', async () => {
    const server = await serve(container({ labels: { id: '/kubepods/burstable/pod1/2' }, cpu: seconds }));
    const [web] = await usageOf(server, [WEB]);
    expect(web).toMatchObject({ containers: [], warnings: [expect.stringContaining('names no pods')] });
  });

  it('of several clusters is refused until one is named', async () => {
    const of = (cluster: string, cores: number) =>
      container({ labels: { ...app(POD), cluster }, cpu: (atMs) => cores * seconds(atMs) });
    const server = await serve([...of('prod', 1), ...of('test', 5)]);
    const source = (matchers: Readonly<Record<string, string>>) =>
      new PrometheusUsage({ client: testClient(server.url), clock: new SystemClock(), matchers });
    await expect(source({}).usage({ workloads: [WEB], ...WINDOW })).rejects.toMatchObject({
      code: 'KC_METRICS_UNAVAILABLE',
      message: expect.stringMatching(
        /2 clusters \(cluster: prod, test\).*--cluster-label cluster=prod/s,
      ) as string,
    });
    const [web] = await source({ cluster: 'test' }).usage({ workloads: [WEB], ...WINDOW });
    expect(web?.containers[0]?.cpuCores?.max[2]).toBeCloseTo(5, 6);
  });

  it('of one cluster that has a name needs none', async () => {
    const server = await serve(container({ labels: { ...app(POD), cluster: 'prod' }, cpu: seconds }));
    const [web] = await usageOf(server, [WEB]);
    expect(web?.containers[0]?.cpuCores?.max[2]).toBeCloseTo(1, 6);
  });

  it('ends with the pods, however rare scrapes are', async () => {
    const goneMs = stepStartMs(3);
    const rare = (value: (atMs: number) => number, untilMs: number) =>
      Array.from({ length: 20 }, (_, tick) => T0 + tick * 120_000)
        .filter((atMs) => atMs <= untilMs)
        .map((atMs) => [atMs, value(atMs)] as const);
    const scraped = (labels: Record<string, string>, cores: number, untilMs: number) => [
      {
        name: 'container_cpu_usage_seconds_total',
        labels,
        samples: rare((atMs) => cores * seconds(atMs), untilMs),
      },
      { name: 'container_memory_working_set_bytes', labels, samples: rare(() => 100 * MIB, untilMs) },
    ];
    const stays = app('api-77b4c9d5f8-b9v4w');
    const server = await serve([...scraped(app(POD), 1, goneMs), ...scraped(stays, 2, WINDOW.toMs)]);
    const [web, api] = await usageOf(server, [WEB, { ...WEB, name: 'api' }]);
    const cpu = web?.containers[0]?.cpuCores;
    expect([...(cpu?.max ?? [])].map((value) => Number.isNaN(value))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(cpu?.max[2]).toBeCloseTo(1, 6);
    // A counter that begins at zero says little of the step that it begins in.
    const means = [...(api?.containers[0]?.cpuCores?.mean ?? [])].slice(1);
    expect(means.map((value) => Math.round(value))).toEqual([2, 2, 2, 2, 2]);
  });
});

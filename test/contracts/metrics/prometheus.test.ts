/** What only the Prometheus adapter must get right, on a real Prometheus: label names, owners, limits, live scrapes, SLOs. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusSlo } from '#adapters/metrics/prometheus/prometheus-slo.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import type { ContainerUsage, UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { SystemClock } from '#platform/clock.ts';
import { Exporter, type Exposed } from '../../servers/prometheus/exporter.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { expectSame } from './closeness.ts';
import { exposition } from './exposition.ts';
import { testClient } from './prometheus-target.ts';
import { MIB, SCENARIO, STEP_MS, T0, WORKLOADS, stepStartMs } from './scenario.ts';
import {
  app,
  container,
  keepUntilStopped,
  seconds,
  serve,
  stopServers,
  ticks,
  usageOf,
  WINDOW,
} from './served-series.ts';

const NOTHING = skipReason('Prometheus specifics', whyNoPrometheus());
function onlyContainer(usage: WorkloadUsage | undefined): ContainerUsage {
  const [only, ...others] = usage?.containers ?? [];
  if (only === undefined || others.length > 0) throw new Error('one container was expected');
  return only;
}

function expectSinglePod(series: UsageSeries | undefined, value: number): void {
  expect([series?.max[2], series?.mean[2]].map((each) => Math.round(each ?? NaN))).toEqual([value, value]);
  expect(series?.pods[2]).toBe(1);
  expect(series?.rejected).toBeGreaterThan(0);
}

const WEB: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const AGENT: WorkloadRef = { kind: 'DaemonSet', namespace: 'shop', name: 'agent' };

afterEach(stopServers);

describe.skipIf(NOTHING)('label names', () => {
  it('may be those of old kubelets', async () => {
    const labels = { namespace: 'shop', pod_name: 'web-5d69f8f4b7-x7k2p', container_name: 'app' };
    const pause = { ...labels, container_name: 'POD' };
    const server = await serve([
      ...container({ labels, cpu: seconds }),
      ...container({ labels: pause, cpu: (atMs) => 9 * seconds(atMs) }),
    ]);
    const [web] = await usageOf(server, [WEB]);
    expect(web?.containers.map(({ container: name }) => name)).toEqual(['app']);
    expect(web?.containers[0]?.cpuCores?.max[2]).toBeCloseTo(1, 6);
  });

  it('may be those that a scrape has put aside for its own', async () => {
    const own = { namespace: 'monitoring', pod: 'ksm-5d69f8f4b7-x7k2p', container: 'ksm' };
    const labels = {
      ...own,
      exported_namespace: 'shop',
      exported_pod: 'web-5d69f8f4b7-x7k2p',
      exported_container: 'app',
    };
    const restarts = {
      name: 'kube_pod_container_status_restarts_total',
      labels,
      samples: ticks((atMs) => (atMs > stepStartMs(3) ? 2 : 1)),
    };
    const server = await serve([
      ...container({ labels: app('web-5d69f8f4b7-x7k2p'), cpu: seconds }),
      restarts,
    ]);
    const [web] = await usageOf(server, [WEB]);
    expect([...(web?.containers[0]?.restarts?.max ?? [])]).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it('may name the cluster, and another cluster is not ours', async () => {
    const of = (cluster: string, cores: number) =>
      container({
        labels: { ...app('web-5d69f8f4b7-x7k2p'), cluster },
        cpu: (atMs) => cores * seconds(atMs),
      });
    const server = await serve([...of('mine', 1), ...of('yours', 5)]);
    const source = new PrometheusUsage({
      client: testClient(server.url),
      clock: new SystemClock(),
      matchers: { cluster: 'mine' },
    });
    const [web] = await source.usage({ workloads: [WEB], ...WINDOW });
    expect(web?.containers[0]?.cpuCores?.max[2]).toBeCloseTo(1, 6);
  });

  it('that are not there at all leave usage unknown, with a reason', async () => {
    const server = await serve([{ name: 'up', labels: {}, samples: ticks(() => 1) }]);
    const [web] = await usageOf(server, [WEB]);
    expect(web).toMatchObject({
      containers: [],
      lastSampleAtMs: undefined,
      warnings: [expect.stringContaining('kubelet')],
    });
  });
});

describe.skipIf(NOTHING)('owners', () => {
  const owned = (name: string, labels: Record<string, string>) => ({
    name,
    labels: { namespace: 'shop', ...labels },
    samples: ticks(() => 1),
  });
  const watched = owned('kube_pod_container_status_restarts_total', { pod: 'x', container: 'y' });

  it('are taken from kube-state-metrics where names would mislead', async () => {
    const server = await serve([
      watched,
      ...container({ labels: app('web-b4-x7k2p'), cpu: seconds }),
      ...container({ labels: app('web-77b4c9d5f8-x7k2p'), cpu: (atMs) => 7 * seconds(atMs) }),
      ...container({ labels: app('agent-x7k2p'), cpu: seconds }),
      ...container({ labels: app('agent-b9v4w'), cpu: (atMs) => 9 * seconds(atMs) }),
      owned('kube_replicaset_owner', { replicaset: 'web-b4', owner_kind: 'Deployment', owner_name: 'web' }),
      owned('kube_replicaset_owner', {
        replicaset: 'web-77b4c9d5f8',
        owner_kind: 'Rollout',
        owner_name: 'web',
      }),
      owned('kube_pod_owner', { pod: 'agent-x7k2p', owner_kind: 'DaemonSet', owner_name: 'agent' }),
      owned('kube_pod_owner', { pod: 'agent-b9v4w', owner_kind: 'Job', owner_name: 'agent' }),
    ]);
    const answers = await usageOf(server, [WEB, AGENT]);
    expect(answers.map(({ containers }) => Math.round(containers[0]?.cpuCores?.max[2] ?? 0))).toEqual([1, 1]);
  });
});

describe.skipIf(NOTHING)('values that cannot be true', () => {
  it('spoil nothing: infinities, NaN, nanoseconds for seconds, mebibytes for bytes', async () => {
    const pods = [
      'web-5d69f8f4b7-bbbbb',
      'web-5d69f8f4b7-ccccc',
      'web-5d69f8f4b7-ddddd',
      'web-5d69f8f4b7-fffff',
    ] as const;
    const [good, infinite, nano, nothing] = pods;
    const server = await serve([
      ...container({ labels: app(good), cpu: seconds }),
      ...container({ labels: app(infinite), cpu: () => Infinity, memory: () => Infinity }),
      ...container({ labels: app(nano), cpu: (atMs) => seconds(atMs) * 1e9, memory: () => 100 }),
      ...container({ labels: app(nothing), cpu: () => NaN, memory: () => -1 }),
    ]);
    const [web] = await usageOf(server, [WEB]);
    const { cpuCores, memoryBytes } = onlyContainer(web);
    expectSinglePod(cpuCores, 1);
    expectSinglePod(memoryBytes, 100 * MIB);
  });

  it('that are all there is are unknown, never zero', async () => {
    const server = await serve(
      container({ labels: app('web-5d69f8f4b7-x7k2p'), cpu: () => NaN, memory: () => 0 }),
    );
    const [web] = await usageOf(server, [WEB]);
    const { cpuCores, memoryBytes } = onlyContainer(web);
    for (const series of [cpuCores, memoryBytes]) {
      expect(series?.max.every(Number.isNaN)).toBe(true);
      expect(series?.rejected).toBe(6);
    }
    expect(web?.lastSampleAtMs).toBeUndefined();
  });
});

describe.skipIf(NOTHING)('throttling and OOM events of the kernel', () => {
  it('are told from containers without either, and from those that are limited and never throttled', async () => {
    const pod = 'web-5d69f8f4b7-x7k2p';
    const labels = app(pod);
    const counter = (name: string, perSecond: number) => ({
      name,
      labels,
      samples: ticks((atMs) => seconds(atMs) * perSecond),
    });
    const server = await serve([
      ...container({ labels, cpu: seconds }),
      ...container({ labels: { ...labels, container: 'free' }, cpu: seconds }),
      ...container({ labels: app('calm-5d69f8f4b7-x7k2p'), cpu: seconds }),
      { ...counter('container_cpu_cfs_periods_total', 10), labels: app('calm-5d69f8f4b7-x7k2p') },
      { ...counter('container_cpu_cfs_throttled_periods_total', 0), labels: app('calm-5d69f8f4b7-x7k2p') },
      counter('container_cpu_cfs_periods_total', 10),
      counter('container_cpu_cfs_throttled_periods_total', 2.5),
      {
        name: 'container_oom_events_total',
        labels,
        samples: ticks((atMs) => (atMs > stepStartMs(4) ? 2 : 0)),
      },
      { name: 'kube_pod_container_status_restarts_total', labels, samples: ticks(() => 3) },
    ]);
    const [web, calm] = await usageOf(server, [WEB, { ...WEB, name: 'calm' }]);
    expect([...(onlyContainer(calm).throttledRatio?.max ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    const [main, free] = web?.containers ?? [];
    if (main === undefined || free === undefined) throw new Error('two containers were expected');
    expect(main.throttledRatio?.max[2]).toBeCloseTo(0.25, 6);
    const kill = { atMs: stepStartMs(5), pod };
    expect(main.oomKills).toEqual([kill, kill]);
    expect([...(main.restarts?.max ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([free.container, free.throttledRatio, free.oomKills]).toEqual(['free', undefined, []]);
  });
});

describe.skipIf(NOTHING)('limits of the source', () => {
  it('are met by asking for less at once, with the same answer', async () => {
    const series = exposition(SCENARIO);
    const [wide, narrow] = [await serve(series), await serve(series, ['--query.max-samples=4000'])];
    const query = { fromMs: T0, toMs: stepStartMs(SCENARIO.steps), stepMs: STEP_MS };
    const workloads = Object.values(WORKLOADS);
    const expected = await usageOf(wide, workloads, query);
    for (const [index, usage] of (await usageOf(narrow, workloads, query)).entries()) {
      expectSame(usage, expected[index] ?? usage);
    }
  });

  it('leave usage unknown where not even one step is served', async () => {
    const server = await serve(exposition(SCENARIO), ['--query.max-samples=5']);
    await expect(usageOf(server, [WORKLOADS.web])).rejects.toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
  });
});

describe.skipIf(NOTHING)('a source that is scraped while we ask', () => {
  const LIVE = { stepMs: 5000 };
  let exporter: Exporter;
  const exposed: readonly Exposed[] = [];
  const startedMs = Date.now();

  beforeAll(async () => {
    exporter = await Exporter.start();
    exporter.expose = () => exposed;
  });
  afterAll(async () => {
    await exporter.stop();
  });

  it('is never counted double, and what vanishes is gone at once', async () => {
    const labels = app('web-5d69f8f4b7-x7k2p');
    exporter.expose = () => [
      { name: 'container_memory_working_set_bytes', labels, value: 100 * MIB },
      { name: 'container_cpu_usage_seconds_total', labels, value: (Date.now() - startedMs) / 2000 },
    ];
    const job = (name: string) => ({ job_name: name, static_configs: [{ targets: [exporter.target] }] });
    const server = await PrometheusServer.start({ scrapeConfigs: [job('kubelet'), job('cadvisor')] });
    keepUntilStopped(server);
    const recent = async () => {
      const toMs = Math.floor(Date.now() / LIVE.stepMs) * LIVE.stepMs;
      const [web] = await usageOf(server, [WEB], { ...LIVE, fromMs: toMs - 4 * LIVE.stepMs, toMs });
      return { toMs, web };
    };
    const full = await eventually('three full steps', async () => {
      const seen = await recent();
      const known = seen.web?.containers[0]?.cpuCores?.max.slice(-3);
      return known?.some(Number.isNaN) === false ? seen : undefined;
    });
    const { cpuCores, memoryBytes } = onlyContainer(full.web);
    expect(cpuCores?.max.at(-1)).toBeCloseTo(0.5, 1);
    expect([...(memoryBytes?.pods.slice(-2) ?? [])]).toEqual([1, 1]);
    expect(full.toMs - (full.web?.lastSampleAtMs ?? 0)).toBeLessThan(2500);

    exporter.expose = () => [];
    const goneMs = Date.now();
    const gone = await eventually('a step without the pod', async () => {
      const seen = await recent();
      return seen.toMs - LIVE.stepMs > goneMs + 2000 ? seen : undefined;
    });
    expect(onlyContainer(gone.web).memoryBytes?.max.at(-1)).toBeNaN();
    expect(gone.web?.lastSampleAtMs).toBeLessThan(goneMs + LIVE.stepMs);
  });
});

describe.skipIf(NOTHING)('a service level', () => {
  it('is one finite number or undefined with a reason', async () => {
    const latency = (route: string, value: number) => ({
      name: 'latency_seconds',
      labels: { route },
      samples: ticks(() => value),
    });
    const server = await serve([latency('a', 0.25), latency('b', NaN), latency('c', 4)]);
    const slo = new PrometheusSlo(testClient(server.url));
    const read = (promql: string) => slo.read(promql, stepStartMs(2));
    expect(await read('latency_seconds{route="a"}')).toEqual({ value: 0.25 });
    expect(await read('scalar(latency_seconds{route="a"}) * 2')).toEqual({ value: 0.5 });
    expect(await read('sum(latency_seconds{route!="b"})')).toEqual({ value: 4.25 });
    expect(await read('latency_seconds{route="b"}')).toEqual({ reason: 'it gives NaN' });
    expect(await read('latency_seconds{route="a"} / 0')).toEqual({ reason: 'it gives Infinity' });
    expect(await read('latency_seconds')).toEqual({ reason: 'it gives 3 series; aggregate them to one' });
    expect(await read('missing_seconds')).toEqual({ reason: 'it gives no value at this time' });
    expect(await slo.evaluate('missing_seconds', stepStartMs(2))).toBeUndefined();
    await expect(read('latency_seconds{')).rejects.toMatchObject({ code: 'KC_PROMQL_INVALID' });
    await expect(read('latency_seconds + on () latency_seconds')).rejects.toMatchObject({
      code: 'KC_PROMQL_INVALID',
    });
    await server.stop();
    await expect(read('latency_seconds')).rejects.toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
  });
});

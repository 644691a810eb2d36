/** Two hours of the past on a real Prometheus: an exporter that restarts, scrapes that fail, a node that is gone by now. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPowerSource } from '#adapters/power/create-power-source.ts';
import { PowerCluster } from '#adapters/power/testing/power-cluster.ts';
import type { PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { SystemClock } from '#platform/clock.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { type OpenMetricsSeries, writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { testClient } from '../metrics/prometheus-target.ts';
import type { Labels } from './exposition.ts';

const T0 = Date.parse('2026-05-01T00:00:00Z');
const MINUTE_MS = 60_000;
const SCRAPE_MS = 30_000;
const STEP_MS = 10 * MINUTE_MS;
const STEPS = 12;
/** The exporter of n1 begins anew, and one scrape fails. */
const RESTART_TICK = 70;
const FAILED_TICK = 110;
/** From here on n2 and what ran there are gone, and the GPU of n1 works harder. */
const CHANGE_TICK = 120;
const TICKS = 240;

type Value = (tick: number) => number | undefined;

function series(name: string, labels: Labels, value: Value): OpenMetricsSeries {
  const samples = Array.from({ length: TICKS + 1 }, (_, tick) => [tick, value(tick)] as const).flatMap(
    ([tick, found]) => (found === undefined ? [] : [[T0 + tick * SCRAPE_MS, found] as const]),
  );
  return { name, labels, samples };
}

function joules(watts: number): Value {
  return (tick) => {
    if (tick === FAILED_TICK) return undefined;
    return (
      1000 * Number(tick < RESTART_TICK) +
      (watts * (tick - (tick < RESTART_TICK ? 0 : RESTART_TICK - 1)) * SCRAPE_MS) / 1000
    );
  };
}

/** Until the node is gone. */
function before(value: Value): Value {
  return (tick) => (tick <= CHANGE_TICK ? value(tick) : undefined);
}

function legacy(): readonly OpenMetricsSeries[] {
  const target = { instance: '10.0.0.1:9102', job: 'kepler' };
  const node = { ...target, exported_instance: 'n1', package: '0', source: 'rapl-sysfs' };
  const api = {
    ...target,
    container_namespace: 'team-a',
    pod_name: 'api',
    container_name: 'app',
    container_id: 'a',
  };
  return [
    series('kepler_node_package_joules_total', { ...node, mode: 'dynamic' }, joules(24)),
    series('kepler_node_package_joules_total', { ...node, mode: 'idle' }, joules(10)),
    series('kepler_container_package_joules_total', { ...api, mode: 'dynamic' }, joules(20)),
    series('kepler_container_package_joules_total', { ...api, mode: 'idle' }, joules(99)),
  ];
}

function kepler(): readonly OpenMetricsSeries[] {
  const zone = { node_name: 'n2', zone: 'package', path: 'p', instance: '10.0.0.2:28282', job: 'kepler' };
  const batch = { ...zone, pod_id: 'uid-batch', container_id: 'b', container_name: 'work', state: 'running' };
  const pod = {
    ...zone,
    pod_id: 'uid-batch',
    pod_name: 'batch-1',
    pod_namespace: 'team-b',
    state: 'running',
  };
  const steady = (watts: number): Value => before((tick) => (watts * tick * SCRAPE_MS) / 1000);
  return [
    series('kepler_node_cpu_joules_total', zone, steady(50)),
    series('kepler_node_cpu_idle_joules_total', zone, steady(20)),
    series('kepler_container_cpu_joules_total', batch, steady(25)),
    series('kepler_pod_cpu_joules_total', pod, steady(25)),
  ];
}

function dcgm(): readonly OpenMetricsSeries[] {
  const labels = { UUID: 'GPU-1', Hostname: 'n1', modelName: 'NVIDIA A100', exported_namespace: 'team-a', exported_pod: 'api', exported_container: 'app', pod: 'dcgm-exporter-1' }; // prettier-ignore
  return [series('DCGM_FI_DEV_POWER_USAGE', labels, (tick) => (tick <= CHANGE_TICK ? 200 : 300))];
}

function kubeState(): readonly OpenMetricsSeries[] {
  const pod = { namespace: 'team-b', pod: 'batch-1', uid: 'uid-batch', node: 'n2' };
  const request = { ...pod, container: 'work', unit: 'core' };
  const own = { namespace: 'team-b', pod: 'batch-1', container: 'work', uid: 'uid-batch' };
  return [
    series(
      'kube_pod_info',
      pod,
      before(() => 1),
    ),
    series(
      'kube_pod_container_status_restarts_total',
      own,
      before(() => 0),
    ),
    series(
      'kube_pod_container_resource_requests',
      { ...request, resource: 'cpu' },
      before(() => 2),
    ),
    series(
      'kube_pod_container_resource_requests',
      { ...request, resource: 'nvidia_com_gpu', unit: 'integer' },
      before(() => 1),
    ),
    series(
      'kube_node_status_capacity',
      { node: 'n2', resource: 'cpu', unit: 'core' },
      before(() => 8),
    ),
  ];
}

/** Kubelets that are scraped, on a machine without any exporter: 2 cores in use, then 4, of which a pod uses half. */
function cadvisor(): readonly OpenMetricsSeries[] {
  const used =
    (share: number): Value =>
    (tick) => {
      const [slow, fast] = [Math.min(tick, CHANGE_TICK), Math.max(0, tick - CHANGE_TICK)];
      return (share * (2 * slow + 4 * fast) * SCRAPE_MS) / 1000;
    };
  const target = { job: 'kubelet', node: 'n3', instance: '10.0.0.3:10250' };
  const own = { ...target, namespace: 'team-a', pod: 'plain', container: 'app', id: '/kubepods/x/app' };
  return [
    series('container_cpu_usage_seconds_total', { ...target, id: '/' }, used(1)),
    series('container_cpu_usage_seconds_total', own, used(0.5)),
    series(
      'container_cpu_usage_seconds_total',
      { ...own, container: 'POD', id: '/kubepods/x/pause' },
      used(0),
    ),
    series('container_cpu_usage_seconds_total', { ...own, container: '', id: '/kubepods/x' }, used(0.5)),
  ];
}

const title = 'the past of a cluster';

describe.skipIf(skipReason(title, whyNoPrometheus()))(title, () => {
  let server: PrometheusServer;
  let source: PowerSource;
  let history: readonly PowerSnapshot[];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-power-past-'));
    const file = join(folder, 'past.om');
    writeOpenMetrics(file, [...legacy(), ...kepler(), ...dcgm(), ...kubeState(), ...cadvisor()]);
    server = await PrometheusServer.start({ history: [file] });
    rmSync(folder, { recursive: true, force: true });
    const cluster = new PowerCluster(T0 - MINUTE_MS);
    await cluster.addNode('n1', { capacity: { cpu: '10', memory: '64G', 'nvidia.com/gpu': '1' } });
    await cluster.addPod('api', { node: 'n1', containers: { app: { cpu: '4', 'nvidia.com/gpu': '1' } } });
    await cluster.addNode('n3', {
      labels: { 'node.kubernetes.io/instance-type': 'm6i.2xlarge' },
      capacity: { cpu: '8', memory: '12800M' },
    });
    await cluster.addPod('plain', { node: 'n3', containers: { app: { cpu: '2' } } });
    source = createPowerSource({
      clock: new SystemClock(),
      cluster: cluster.client,
      prometheus: testClient(server.url),
    });
    history = await source.history({ fromMs: T0, toMs: T0 + STEPS * STEP_MS, stepMs: STEP_MS });
  });
  afterAll(async () => {
    await server.stop();
  });

  const near = (actual: number | undefined, expected: number): void => {
    expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThan(1e-6 * expected);
  };

  it('has one snapshot per step, at its end', () => {
    expect(history.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: STEPS }, (_, step) => T0 + (step + 1) * STEP_MS),
    );
  });

  it('is what a node drew through a restart of its exporter and a scrape that failed', () => {
    for (const [step, { containers, nodes }] of history.entries()) {
      const gpu = step < 6 ? 200 : 300;
      const api = containers.find(({ pod }) => pod === 'api');
      near(nodes.find(({ node }) => node === 'n1')?.watts, 34 + gpu);
      near(api?.parts.cpu, 20);
      near(api?.parts.gpu, gpu);
      near(api?.idleWatts, 10 * 0.4);
    }
  });

  it('knows a node that is gone, and what ran there, for as long as they were there', () => {
    for (const [step, { containers, nodes, problems }] of history.entries()) {
      const batch = containers.find(({ pod }) => pod === 'batch-1');
      const n2 = nodes.find(({ node }) => node === 'n2');
      if (step < 6) {
        near(n2?.watts, 50);
        near(batch?.activeWatts, 25);
        near(batch?.idleWatts, 20 * (2 / 8));
        expect(batch).toMatchObject({
          node: 'n2',
          podUid: 'uid-batch',
          container: 'work',
          origin: 'measured',
        });
      } else {
        expect([n2, batch]).toEqual([undefined, undefined]);
        expect(problems.filter(({ subject }) => subject === 'n2')).toEqual([]);
      }
    }
  });

  it('models a machine without exporters from what its kubelet saw', () => {
    for (const [step, { containers, nodes }] of history.entries()) {
      const cores = step < 6 ? 2 : 4;
      near(nodes.find(({ node }) => node === 'n3')?.watts, 8 * 0.767 + cores * 2.991);
      const plain = containers.find(({ pod }) => pod === 'plain');
      expect(plain?.origin).toBe('modelled');
      near(plain?.activeWatts, (cores / 2) * 2.991);
      near(plain?.idleWatts, 2 * 0.767);
    }
  });

  it('was once the present, and the same', async () => {
    const atMs = T0 + 50 * MINUTE_MS;
    const { containers, nodes, problems } = await source.current({ atMs, windowMs: 5 * MINUTE_MS });
    near(nodes.find(({ node }) => node === 'n1')?.watts, 234);
    near(nodes.find(({ node }) => node === 'n3')?.watts, 8 * 0.767 + 2 * 2.991);
    near(containers.find(({ pod }) => pod === 'api')?.parts.gpu, 200);
    // Of a node that is not there any more the present is not told: it may be another cluster's.
    expect(nodes.map(({ node }) => node)).toEqual(['n1', 'n3']);
    expect(problems.every(({ reason, subject }) => reason === 'Ambiguous' && subject === 'kepler')).toBe(
      true,
    );
    expect(problems).toHaveLength(4);
  });

  it('is its mean where the present is asked for over a long window', async () => {
    const { containers, nodes, problems } = await source.current({
      atMs: T0 + STEPS * STEP_MS,
      windowMs: STEPS * STEP_MS,
    });
    near(nodes.find(({ node }) => node === 'n1')?.watts, 34 + 250);
    near(containers.find(({ pod }) => pod === 'api')?.parts.cpu, 20);
    near(nodes.find(({ node }) => node === 'n3')?.watts, 8 * 0.767 + 3 * 2.991);
    expect(problems.map(({ subject }) => subject)).toEqual(['kepler', 'kepler', 'kepler', 'kepler']);
  });
});

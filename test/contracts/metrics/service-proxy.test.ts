/** A Prometheus found by its Service and asked through a real API server, as `kcloud recommend` does from outside. */
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { discoverPrometheus } from '#adapters/metrics/prometheus/discovery/discover.ts';
import { PrometheusUsage } from '#adapters/metrics/prometheus/prometheus-usage.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { NAMESPACES, PODS, SERVICES } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { whyNoControlPlane } from '../../testenv/binaries.ts';
import { type ControlPlane, startControlPlane } from '../../testenv/control-plane/control-plane.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { skipReason } from '../../testenv/real-components.ts';

const ENDPOINTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'endpoints',
  kind: 'Endpoints',
  namespaced: true,
};
const SERVICE_ACCOUNTS: ResourceType = { ...ENDPOINTS, plural: 'serviceaccounts', kind: 'ServiceAccount' };

/** An API server does not proxy to loopback. */
const HOST = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
const NO_HOST = HOST === undefined ? 'this machine has no address besides loopback' : undefined;
const TITLE = 'a metrics source behind a real API server';
const PROBLEM = whyNoControlPlane() ?? whyNoPrometheus() ?? NO_HOST;

describe.skipIf(skipReason(TITLE, PROBLEM))(TITLE, () => {
  const clock = new SystemClock();
  const stepMs = 60_000;
  const toMs = Math.floor(clock.now() / stepMs) * stepMs;
  const fromMs = toMs - 10 * stepMs;
  let controlPlane: ControlPlane;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-exposition-'));
    const file = join(folder, 'now.om');
    const labels = { namespace: 'shop', pod: 'web-5d69f8f4b7-x7k2p', container: 'app' };
    const ticks = Array.from({ length: 22 }, (_, tick) => fromMs - stepMs + tick * 30_000);
    writeOpenMetrics(file, [
      {
        name: 'container_cpu_usage_seconds_total',
        labels,
        samples: ticks.map((atMs) => [atMs, (atMs - fromMs) / 2000 + 100]),
      },
      { name: 'container_memory_working_set_bytes', labels, samples: ticks.map((atMs) => [atMs, 2 ** 26]) },
    ]);
    const host = HOST ?? '';
    [controlPlane, prometheus] = await Promise.all([
      startControlPlane({ controllers: [], scheduler: false }),
      PrometheusServer.start({ history: [file], host }),
    ]);
    rmSync(folder, { recursive: true, force: true });
    await publish(controlPlane, host, Number(new URL(prometheus.url).port));
  });
  afterAll(async () => {
    await Promise.all([controlPlane.stop(), prometheus.stop()]);
  });

  it('is found, asked and understood', async () => {
    const { client, transport } = controlPlane;
    const random = new SeededRandom(1);
    const vantage = { kind: 'outside', clock, random, transport } as const;
    // The API server learns of endpoints a moment after they are there.
    const endpoint = await eventually(
      'the source',
      async () => (await discoverPrometheus(client, vantage)).endpoint,
    );
    const source = new PrometheusUsage({ client: new PromqlClient({ endpoint, clock, random }), clock });
    const web = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
    const [usage] = await source.usage({ workloads: [web], fromMs, toMs, stepMs });
    expect(usage?.containers[0]?.cpuCores?.max[4]).toBeCloseTo(0.5, 6);
    expect(usage?.containers[0]?.memoryBytes?.max[4]).toBe(2 ** 26);
  });

  it('is passed over with a reason when it is gone', async () => {
    await prometheus.stop();
    const { client, transport } = controlPlane;
    const found = await discoverPrometheus(client, {
      kind: 'outside',
      clock,
      random: new SeededRandom(1),
      transport,
    });
    expect(found.endpoint).toBeUndefined();
    expect(found.passedOver).toEqual([expect.stringContaining('Prometheus monitoring/kps-prometheus: ')]);
  });
});

/** A Service, its pod and its endpoints, as the controllers and a kubelet would make them. */
async function publish({ client }: ControlPlane, ip: string, port: number): Promise<void> {
  const namespace = 'monitoring';
  const name = 'kps-prometheus';
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace } });
  const pod = {
    metadata: { name: 'prometheus-0', namespace },
    spec: { containers: [{ name: 'prometheus', image: 'x' }] },
  };
  await client.create(PODS, pod);
  const status = { podIP: ip, podIPs: [{ ip }] };
  await client.patch(PODS, pod.metadata, { patch: 'merge', subresource: 'status', body: { status } });
  const labels = { app: 'kube-prometheus-stack-prometheus' };
  const ports = [{ name: 'http-web', port: 9090, targetPort: port }];
  await client.create(SERVICES, { metadata: { name, namespace, labels }, spec: { ports } });
  const targetRef = { kind: 'Pod', ...pod.metadata };
  const endpoints: KubeObject & Record<string, unknown> = {
    metadata: { name, namespace },
    subsets: [{ addresses: [{ ip, targetRef }], ports: [{ name: 'http-web', port, protocol: 'TCP' }] }],
  };
  await client.create(ENDPOINTS, endpoints);
}

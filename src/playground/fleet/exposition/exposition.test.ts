import { get } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type KubeList, controllerOf } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import { nameOf, uidOf } from '../meta.ts';
import { type FleetRig, NAMESPACE, START_MS, deployment, startRig, template } from '../testing/fleet-rig.ts';
import { backfillLines } from './backfill.ts';
import { ExpositionServer, expositionAnswer } from './exposition-server.ts';
import type { FleetView } from './fleet-view.ts';
import { MetricText, labelText } from './metric-text.ts';
import type { PodMetrics } from './metrics-api.ts';
import { prometheusConfig } from './scrape-config.ts';

const USAGE = 'cpu: { cores: 1, noise: 0, skew: 0 }\nmemory: { base: 100Mi, noise: 0 }';

async function web(
  usage = USAGE,
): Promise<{ rig: FleetRig; view: FleetView; read: (path: string) => string }> {
  const past = { sinceMs: START_MS - 3_600_000, beforeMs: START_MS + 600_000 };
  const rig = await startRig({ past });
  await rig.create(DEPLOYMENTS, deployment('web', { usage, replicas: 2 }));
  await rig.until('ready', () => rig.readyPods('web').length === 2);
  const view: FleetView = rig.fleet;
  return { rig, view, read: (path) => expositionAnswer(view, path).body };
}

/** The value of the only sample that starts so and has all the labels. */
function sample(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((part) => line.includes(part)));
  expect(lines, `${name} ${wanted.join(' ')}`).toHaveLength(1);
  return Number(/ (\S+)$/.exec(lines[0] ?? '')?.[1]);
}

function firstPod(rig: FleetRig): { place: Record<string, string>; node: string; owner: string } {
  const [pod] = rig.pods('web');
  if (pod === undefined) throw new Error('there is no pod');
  const place = { namespace: NAMESPACE, pod: nameOf(pod), uid: uidOf(pod) };
  return { place, node: pod.spec?.nodeName ?? '', owner: controllerOf(pod)?.name ?? '' };
}

describe('the text format', () => {
  it('keeps families together, escapes labels and prints every kind of number', () => {
    const text = new MetricText();
    const a = { name: 'a', type: 'gauge', help: 'A.' } as const;
    text.add(a, { x: '"quoted"\n\\' }, 1);
    text.add({ name: 'b_total', type: 'counter' }, {}, Infinity);
    text.add(a, {}, NaN);
    expect(text.text()).toBe(
      '# HELP a A.\n# TYPE a gauge\na{x="\\"quoted\\"\\n\\\\"} 1\na NaN\n# TYPE b_total counter\nb_total +Inf\n',
    );
    expect(labelText({})).toBe('');
  });
});

describe('/metrics/cadvisor', () => {
  it('has the counters and gauges of each container and of each pod, in the names of the real one', async () => {
    const { rig, read } = await web();
    const [pod] = rig.pods('web');
    await rig.clock.runFor(100_000);
    const text = read(`/nodes/${pod?.spec?.nodeName ?? ''}/metrics/cadvisor`);
    const name = pod?.metadata?.name ?? '';
    const labels = { container: 'app', namespace: NAMESPACE, pod: name, image: 'web:1' };
    // Demand of half a core each, cut at the limit of 400m.
    const seconds = sample(text, 'container_cpu_usage_seconds_total', { ...labels, cpu: 'total' });
    expect(seconds).toBeGreaterThan(39);
    expect(seconds).toBeLessThan(43);
    expect(sample(text, 'container_memory_working_set_bytes', labels)).toBe(100 * 1024 * 1024);
    expect(sample(text, 'container_spec_cpu_quota', labels)).toBe(40_000);
    expect(sample(text, 'container_spec_memory_limit_bytes', labels)).toBe(512 * 1024 * 1024);
    const periods = sample(text, 'container_cpu_cfs_periods_total', labels);
    const throttled = sample(text, 'container_cpu_cfs_throttled_periods_total', labels);
    expect(periods).toBeGreaterThan(990);
    expect(throttled / periods).toBeGreaterThan(0.9);
    const ofPod = { container: '', namespace: NAMESPACE, pod: name, image: '' };
    expect(sample(text, 'container_cpu_usage_seconds_total', ofPod)).toBe(seconds);
    expect(sample(text, 'container_start_time_seconds', labels)).toBeGreaterThan(START_MS / 1000);
  });

  it('starts its counters anew when a container is restarted, while the pod and the node go on', async () => {
    const { rig, read } = await web(
      'cpu: { cores: 1, noise: 0 }\nlifecycle: { runSeconds: 60, exitCode: 1 }',
    );
    const [pod] = rig.pods('web');
    const node = pod?.spec?.nodeName ?? '';
    const name = pod?.metadata?.name ?? '';
    let before = 0;
    const containerSeconds: number[] = [];
    for (let minute = 0; minute < 20; minute += 1) {
      await rig.clock.runFor(20_000);
      const resource = read(`/nodes/${node}/metrics/resource`);
      const total = Number(/^node_cpu_usage_seconds_total (\S+)$/m.exec(resource)?.[1]);
      expect(total).toBeGreaterThanOrEqual(before);
      before = total;
      const line = new RegExp(`^container_cpu_usage_seconds_total\\{.*pod="${name}"\\} (\\S+)$`, 'm').exec(
        resource,
      );
      if (line !== null) containerSeconds.push(Number(line[1]));
    }
    expect(containerSeconds.some((value, index) => value < (containerSeconds[index - 1] ?? 0))).toBe(true);
  });
});

describe('kube-state-metrics', () => {
  it('tells owners, resources, states and restarts in its own names and labels', async () => {
    const { rig, read } = await web('memory: { base: 100Mi, growthPerHour: 5000Mi, noise: 0 }');
    const set = {
      metadata: { name: 'db', namespace: NAMESPACE },
      spec: { serviceName: 'db', selector: {}, template: template('db') },
    };
    await rig.create(STATEFUL_SETS, set);
    await rig.until('killed', () => rig.events('OOMKilling').length > 1);
    await rig.clock.runFor(2000);
    const text = read('/kube-state-metrics/metrics');
    const { place, node, owner: replicaSet } = firstPod(rig);
    expect(
      sample(text, 'kube_pod_owner', {
        ...place,
        owner_kind: 'ReplicaSet',
        owner_name: replicaSet,
        owner_is_controller: 'true',
      }),
    ).toBe(1);
    expect(
      sample(text, 'kube_replicaset_owner', {
        namespace: NAMESPACE,
        replicaset: replicaSet,
        owner_kind: 'Deployment',
        owner_name: 'web',
      }),
    ).toBe(1);
    const container = { ...place, container: 'app' };
    expect(
      sample(text, 'kube_pod_container_resource_requests', {
        ...container,
        node,
        resource: 'cpu',
        unit: 'core',
      }),
    ).toBe(0.2);
    expect(
      sample(text, 'kube_pod_container_resource_limits', { ...container, resource: 'memory', unit: 'byte' }),
    ).toBe(512 * 1024 * 1024);
    expect(sample(text, 'kube_pod_container_status_restarts_total', container)).toBeGreaterThan(0);
    expect(
      sample(text, 'kube_pod_container_status_last_terminated_reason', { ...container, reason: 'OOMKilled' }),
    ).toBe(1);
    expect(sample(text, 'kube_pod_container_status_last_terminated_exitcode', container)).toBe(137);
    expect(sample(text, 'kube_pod_status_phase', { ...place, phase: 'Running' })).toBe(1);
    expect(sample(text, 'kube_pod_status_phase', { ...place, phase: 'Pending' })).toBe(0);
    expect(sample(text, 'kube_deployment_spec_replicas', { namespace: NAMESPACE, deployment: 'web' })).toBe(
      2,
    );
    expect(
      sample(text, 'kube_deployment_status_condition', {
        deployment: 'web',
        condition: 'Progressing',
        status: 'true',
      }),
    ).toBe(1);
    expect(
      sample(text, 'kube_statefulset_status_replicas', { namespace: NAMESPACE, statefulset: 'db' }),
    ).toBe(1);
    expect(sample(text, 'kube_node_status_allocatable', { node, resource: 'cpu', unit: 'core' })).toBeCloseTo(
      3.92,
      9,
    );
    expect(
      sample(text, 'kube_node_labels', { node, label_topology_kubernetes_io_region: 'ap-northeast-2' }),
    ).toBe(1);
  });

  it('has each family once, with a type', async () => {
    const { read } = await web();
    const types = read('/kube-state-metrics/metrics')
      .split('\n')
      .filter((line) => line.startsWith('# TYPE'));
    expect(types.length).toBeGreaterThan(40);
    expect(new Set(types).size).toBe(types.length);
  });
});

describe('metrics.k8s.io', () => {
  it('knows a pod after two scrapes, and its nodes', async () => {
    const { rig, read } = await web();
    const pods = (path: string): KubeList<PodMetrics> => JSON.parse(read(path)) as KubeList<PodMetrics>;
    expect(pods('/apis/metrics.k8s.io/v1beta1/pods').items).toEqual([]);
    await rig.clock.runFor(45_000);
    const list = pods(`/apis/metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/pods?labelSelector=app%3Dweb`);
    expect(list.items).toHaveLength(2);
    expect(list.items[0]).toMatchObject({
      kind: 'PodMetrics',
      window: '15s',
      metadata: { namespace: NAMESPACE, labels: { app: 'web' } },
    });
    expect(list.items[0]?.containers).toEqual([
      { name: 'app', usage: { cpu: '400000000n', memory: '102400Ki' } },
    ]);
    expect(Date.parse(list.items[0]?.timestamp ?? '') % 15_000).toBe(0);
    expect(pods('/apis/metrics.k8s.io/v1beta1/pods?labelSelector=app%3Dother').items).toEqual([]);
    const name = list.items[0]?.metadata?.name ?? '';
    expect(
      JSON.parse(read(`/apis/metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/pods/${name}`)),
    ).toMatchObject({ kind: 'PodMetrics' });
    expect(JSON.parse(read('/apis/metrics.k8s.io/v1beta1/nodes/m6i-xlarge-1'))).toMatchObject({
      kind: 'NodeMetrics',
    });
    expect(JSON.parse(read('/apis/metrics.k8s.io/v1beta1'))).toMatchObject({ kind: 'APIResourceList' });
    expect(JSON.parse(read('/apis/metrics.k8s.io'))).toMatchObject({ kind: 'APIGroup' });
    expect(JSON.parse(read('/apis/metrics.k8s.io/v1beta1/pods/nowhere'))).toMatchObject({ code: 404 });
    expect(JSON.parse(read('/apis/metrics.k8s.io/v1/pods'))).toMatchObject({ code: 404 });
  });
});

describe('backfill', () => {
  it('is OpenMetrics: each series in one piece and in order of time, counters that grow, an end', async () => {
    const { view } = await web();
    const range = { fromMs: START_MS - 3_600_000, untilMs: START_MS, stepMs: 60_000 };
    const lines = [...backfillLines(view, range)];
    expect(lines.at(-1)).toBe('# EOF\n');
    const last = new Map<string, { atSeconds: number; value: number }>();
    const closed = new Set<string>();
    let open = '';
    for (const line of lines.slice(0, -1)) {
      const [, head = '', value, atSeconds] = /^(.*) (\S+) (\S+)\n$/.exec(line) ?? [];
      const before = last.get(head);
      if (head !== open) {
        expect(closed.has(head)).toBe(false);
        closed.add(open);
        open = head;
      }
      if (before !== undefined) expect(Number(atSeconds)).toBeGreaterThan(before.atSeconds);
      if (before !== undefined && head.includes('_total{'))
        expect(Number(value)).toBeGreaterThanOrEqual(before.value);
      last.set(head, { atSeconds: Number(atSeconds), value: Number(value) });
    }
    const [cpu] = [...last]
      .filter(([head]) => head.startsWith('container_cpu_usage_seconds_total{'))
      .map(([, end]) => end);
    expect(cpu?.value).toBeCloseTo(3600 * 0.4, 6);
    expect(cpu?.atSeconds).toBe(START_MS / 1000);
    expect([...last.keys()].some((head) => head.startsWith('kube_replicaset_owner{'))).toBe(true);
  });
});

describe('ExpositionServer', () => {
  it('serves over HTTP, and the scrape configuration names its paths', async () => {
    const { view } = await web();
    const server = await ExpositionServer.start(view);
    try {
      const config = prometheusConfig({ address: server.address, nodes: ['m6i-xlarge-1'] });
      const paths = [...config.matchAll(/metrics_path: (\S+)/g)]
        .map((match) => match[1] ?? '')
        .filter((path) => path.split('/').length > 2);
      expect(paths).toContain('/kube-state-metrics/metrics');
      for (const path of paths.filter((each) => each !== '/metrics/cadvisor')) {
        expect(await fetchStatus(`http://${server.address}${path}`)).toBe(200);
      }
      expect(await fetchStatus(`http://${server.address}/nothing`)).toBe(404);
    } finally {
      await server.stop();
    }
  });
});

function fetchStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
}

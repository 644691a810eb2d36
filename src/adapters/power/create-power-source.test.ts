import { beforeEach, describe, expect, it } from 'vitest';
import type { PowerSnapshot } from '#domain/power/power.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { failure } from '#kube/testing/fake-api-server.ts';
import { createPowerSource } from './create-power-source.ts';
import { PowerCluster } from './testing/power-cluster.ts';

const clock = new ManualClock();
const atMs = 1_800_000_000_000;
const query = { atMs, windowMs: 300_000 };
/** 8 threads of Ice Lake: 0.767 W each at idle, 3.758 W at full load; 16 GB are 3.2 GB beyond the usual. */
const ICE_LAKE = { labels: { 'node.kubernetes.io/instance-type': 'm6i.2xlarge' } };

let cluster: PowerCluster;

beforeEach(() => {
  cluster = new PowerCluster();
});

function current(): Promise<PowerSnapshot> {
  return createPowerSource({ clock, cluster: cluster.client }).current(query);
}

describe('a cluster that nobody measures', () => {
  it('draws what machines like its own draw under the same load, and says so', async () => {
    await cluster.addNode('n1', ICE_LAKE);
    await cluster.addPod('web', { node: 'n1', containers: { app: { cpu: '2', memory: '4G' } } });
    await cluster.podUses('web', { atMs, cores: { app: '1500m' } });
    await cluster.nodeUses('n1', '2');
    const { containers, nodes, problems } = await current();
    const [node] = nodes;
    const perCore = 3.758 - 0.767;
    expect(node?.parts.cpu).toBeCloseTo(8 * 0.767 + 2 * perCore, 9);
    expect(node?.parts.dram).toBeCloseTo((16 - 8 * 1.6) * 0.392, 9);
    expect(node).toMatchObject({ origin: 'modelled', sources: ['utilisation-model'], atMs });
    expect(containers).toHaveLength(1);
    expect(containers[0]?.activeWatts).toBeCloseTo(1.5 * perCore, 9);
    expect(containers[0]?.idleWatts).toBeCloseTo((2 / 8) * 8 * 0.767 + (4 / 16) * 3.2 * 0.392, 9);
    expect(containers[0]).toMatchObject({
      namespace: 'team-a',
      pod: 'web',
      container: 'app',
      node: 'n1',
      origin: 'modelled',
    });
    expect(problems).toEqual([]);
  });

  it('calls a machine of unknown make a default', async () => {
    await cluster.addNode('n1');
    await cluster.nodeUses('n1', '0');
    await cluster.addPod('web', { node: 'n1', containers: { app: {} } });
    await cluster.podUses('web', { atMs, cores: { app: '0' } });
    const { nodes } = await current();
    expect(nodes[0]).toMatchObject({ origin: 'default' });
    expect(nodes[0]?.activeWatts).toBe(0);
  });

  it('is unknown, not idle, where nobody tells what it uses', async () => {
    await cluster.addNode('n1', ICE_LAKE);
    await cluster.addPod('web', { node: 'n1', containers: { app: { cpu: '2' } } });
    const { containers, nodes, problems } = await current();
    expect([containers, nodes]).toEqual([[], []]);
    expect(problems.map(({ reason, subject }) => [subject, reason])).toEqual([
      ['metrics.k8s.io', 'Missing'],
      ['n1', 'Missing'],
    ]);
  });

  it('is idle where its machines are known to be, without a pod', async () => {
    await cluster.addNode('n1', ICE_LAKE);
    await cluster.addNode('n2', ICE_LAKE);
    await cluster.nodeUses('n1', '0');
    const { nodes, problems } = await current();
    expect(nodes.map(({ node, activeWatts }) => [node, activeWatts])).toEqual([['n1', 0]]);
    expect(nodes[0]?.idleWatts).toBeGreaterThan(0);
    // A machine that tells nothing may be off.
    expect(problems.map(({ subject }) => subject)).toEqual(['n2']);
  });

  it('does not take old samples for the present', async () => {
    await cluster.addNode('n1', ICE_LAKE);
    await cluster.addPod('web', { node: 'n1', containers: { app: { cpu: '2' } } });
    await cluster.podUses('web', { atMs: atMs - 600_000, cores: { app: '1' } });
    const { nodes, problems } = await current();
    expect(nodes).toEqual([]);
    expect(problems[0]?.message).toContain('1 old');
  });

  it('takes figures of its owner before its own tables', async () => {
    await cluster.addNode('n1', ICE_LAKE);
    await cluster.addPod('web', { node: 'n1', containers: { app: {} } });
    await cluster.podUses('web', { atMs, cores: { app: '4' } });
    const machines = { 'm6i.2xlarge': { idleWatts: 100, maxWatts: 200 } };
    const { nodes } = await createPowerSource({ clock, cluster: cluster.client, machines }).current(query);
    expect(nodes[0]).toMatchObject({ watts: 150, idleWatts: 100, origin: 'modelled' });
  });

  it('gives its GPUs to those that asked for them, by default figures only', async () => {
    const labels = { ...ICE_LAKE.labels, 'nvidia.com/gpu.product': 'Tesla-T4', 'nvidia.com/gpu.count': '2' };
    await cluster.addNode('n1', { labels, capacity: { cpu: '8', memory: '16G', 'nvidia.com/gpu': '2' } });
    await cluster.addPod('train', { node: 'n1', containers: { app: { 'nvidia.com/gpu': '1' } } });
    await cluster.podUses('train', { atMs, cores: { app: '1' } });
    const { containers, devices, nodes } = await current();
    expect(devices.map(({ watts, idleWatts, origin }) => [watts, idleWatts, origin])).toEqual([
      [40, 0, 'default'],
      [10, 10, 'default'],
    ]);
    expect(containers[0]?.parts.gpu).toBe(40);
    expect(containers[0]?.origin).toBe('default');
    expect(nodes[0]?.parts.gpu).toBe(50);
  });

  it('shares a GPU among those that have slots of it', async () => {
    const labels = { ...ICE_LAKE.labels, 'nvidia.com/gpu.product': 'Tesla-T4', 'nvidia.com/gpu.count': '1' };
    await cluster.addNode('n1', { labels, capacity: { cpu: '8', memory: '16G', 'nvidia.com/gpu': '4' } });
    for (const pod of ['a', 'b']) {
      await cluster.addPod(pod, { node: 'n1', containers: { app: { 'nvidia.com/gpu': '1' } } });
      await cluster.podUses(pod, { atMs, cores: { app: '1' } });
    }
    const { containers, devices } = await current();
    expect(devices).toMatchObject([{ watts: 40, splitBy: 'equal' }]);
    expect(containers.map(({ parts }) => parts.gpu)).toEqual([20, 20]);
  });

  it('is unavailable where the API server does not answer', async () => {
    cluster.server.intercept = () => failure(500, 'InternalError', 'etcd is down');
    await expect(current()).rejects.toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
  });
});

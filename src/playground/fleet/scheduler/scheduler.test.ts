import { describe, expect, it } from 'vitest';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, NODES, PODS } from '#kube/client/builtin-types.ts';
import { type Clock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Fleet } from '../fleet.ts';
import { nodesOf } from '../nodes/node-shape.ts';
import { MemoryCluster } from '../testing/memory-cluster.ts';
import {
  type FleetRig,
  NAMESPACE,
  type TemplateOptions,
  deployment,
  pod,
  startRig,
} from '../testing/fleet-rig.ts';

function nodeOf(rig: FleetRig, name: string): string | undefined {
  return rig.access.get(PODS, { namespace: NAMESPACE, name })?.spec?.nodeName;
}

function whyPending(rig: FleetRig, name: string): string | undefined {
  const status = rig.access.get(PODS, { namespace: NAMESPACE, name })?.status;
  return status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
    ?.message;
}

async function place(rig: FleetRig, name: string, options: TemplateOptions = {}): Promise<void> {
  await rig.create(PODS, pod(name, options));
  await rig.clock.runFor(500);
}

const MIXED_NODES = [
  ...nodesOf({ instanceType: 'm6i.large', count: 2 }),
  ...nodesOf({ instanceType: 'g4dn.xlarge', count: 1 }),
  ...nodesOf({ instanceType: 'm6i.large', count: 1, capacityType: 'spot' }),
];
const GPU_TOLERATION = [{ key: 'nvidia.com/gpu', operator: 'Exists' }];

function gpuPod(name: string): Pod {
  const made = pod(name, { spec: { tolerations: GPU_TOLERATION } });
  const container = made.spec?.containers[0];
  if (container !== undefined)
    container.resources = { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } };
  return made;
}

describe('the scheduler', () => {
  it('spreads the pods of a workload over nodes', async () => {
    const rig = await startRig();
    await rig.create(DEPLOYMENTS, deployment('web', { replicas: 6 }));
    await rig.until('ready', () => rig.readyPods('web').length === 6);
    const perNode = Map.groupBy(rig.pods('web'), (each) => each.spec?.nodeName);
    expect([...perNode.values()].map((pods) => pods.length)).toEqual([2, 2, 2]);
  });

  it('gives accelerators to those who ask, one pod per device', async () => {
    const rig = await startRig({ nodes: MIXED_NODES });
    await rig.create(PODS, gpuPod('first'));
    await rig.clock.runFor(100);
    await rig.create(PODS, gpuPod('second'));
    await rig.clock.runFor(1000);
    expect(nodeOf(rig, 'first')).toBe('g4dn-xlarge-1');
    expect(nodeOf(rig, 'second')).toBeUndefined();
    expect(whyPending(rig, 'second')).toBe(
      '0/4 nodes are available: 4 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.',
    );
    expect(rig.events('FailedScheduling')[0]?.type).toBe('Warning');
  });

  it('keeps pods without a toleration off tainted nodes, and obeys selectors and affinity', async () => {
    const rig = await startRig({ nodes: MIXED_NODES });
    await place(rig, 'spot', { spec: { nodeSelector: { 'karpenter.sh/capacity-type': 'spot' } } });
    expect(nodeOf(rig, 'spot')).toBe('m6i-large-spot-1');
    const zone = { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['ap-northeast-2b'] };
    const required = { nodeSelectorTerms: [{ matchExpressions: [zone] }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    await place(rig, 'zoned', { spec: { affinity } });
    expect(nodeOf(rig, 'zoned')).toBe('m6i-large-2');
    await place(rig, 'lost', { spec: { nodeSelector: { disk: 'tape' } } });
    expect(whyPending(rig, 'lost')).toBe(
      "0/4 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present}, 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
    );
  });

  it('prefers what is preferred', async () => {
    const rig = await startRig({ nodes: MIXED_NODES });
    const preference = {
      matchExpressions: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot'] }],
    };
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] },
    };
    for (let index = 0; index < 4; index += 1) await place(rig, `pod-${index}`, { spec: { affinity } });
    expect([0, 1, 2, 3].map((index) => nodeOf(rig, `pod-${index}`))).toEqual(
      Array(4).fill('m6i-large-spot-1'),
    );
  });

  it('keeps pods apart that must not share a node, in both directions', async () => {
    const rig = await startRig();
    const term = { labelSelector: { matchLabels: { app: 'solo' } }, topologyKey: 'kubernetes.io/hostname' };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    await rig.create(DEPLOYMENTS, deployment('solo', { replicas: 4, spec: { affinity } }));
    await rig.clock.runFor(30_000);
    expect(rig.readyPods('solo')).toHaveLength(3);
    const pending = rig.pods('solo').find((each) => (each.spec?.nodeName ?? '') === '');
    expect(whyPending(rig, pending?.metadata?.name ?? '')).toContain(
      "3 node(s) didn't match pod anti-affinity rules",
    );
    await place(rig, 'solo-plain', {});
    const friendly = pod('plain');
    friendly.metadata = { ...friendly.metadata, labels: { app: 'solo' } };
    await rig.create(PODS, friendly);
    await rig.clock.runFor(500);
    expect(nodeOf(rig, 'plain')).toBeUndefined();
  });

  it('puts pods together that must be together', async () => {
    const rig = await startRig();
    await place(rig, 'cache');
    const term = { labelSelector: { matchLabels: { app: 'cache' } }, topologyKey: 'kubernetes.io/hostname' };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    for (let index = 0; index < 3; index += 1) await place(rig, `web-${index}`, { spec: { affinity } });
    expect([0, 1, 2].map((index) => nodeOf(rig, `web-${index}`))).toEqual(
      Array(3).fill(nodeOf(rig, 'cache')),
    );
  });

  it('holds the skew of a spread constraint', async () => {
    const rig = await startRig({
      nodes: nodesOf({ instanceType: 'm6i.xlarge', count: 2, zones: ['a', 'b'] }),
    });
    const constraint = {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    };
    await rig.access.mergePatch(NODES, { name: 'm6i-xlarge-2' }, { body: { spec: { unschedulable: true } } });
    await rig.create(
      DEPLOYMENTS,
      deployment('web', { replicas: 3, spec: { topologySpreadConstraints: [constraint] } }),
    );
    await rig.clock.runFor(20_000);
    expect(rig.readyPods('web')).toHaveLength(1);
    await rig.access.mergePatch(
      NODES,
      { name: 'm6i-xlarge-2' },
      { body: { spec: { unschedulable: false } } },
    );
    await rig.until('spread', () => rig.readyPods('web').length === 3);
  });

  it('tries again when room is made, by an end, a new node or an uncordon', async () => {
    const rig = await startRig({ nodes: nodesOf({ instanceType: 'm6i.large', count: 1 }) });
    await place(rig, 'first', { cpu: '1500m' });
    await place(rig, 'second', { cpu: '1500m' });
    expect(whyPending(rig, 'second')).toContain('1 Insufficient cpu');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'first' }, { graceful: true });
    await rig.until('second runs', () => nodeOf(rig, 'second') === 'm6i-large-1');
    await place(rig, 'third', { cpu: '1500m' });
    expect(nodeOf(rig, 'third')).toBeUndefined();
    await rig.clock.settle(
      rig.fleet.nodes.add(nodesOf({ instanceType: 'm6i.large', count: 1, namePrefix: 'late' })),
      1000,
    );
    await rig.until('third runs', () => nodeOf(rig, 'third') === 'late-1');
  });

  it('serves higher priorities first and leaves gated pods and other schedulers alone', async () => {
    const rig = await startRig({ nodes: nodesOf({ instanceType: 'm6i.large', count: 1 }) });
    await rig.create(PODS, pod('gated', { spec: { schedulingGates: [{ name: 'wait' }] } }));
    await rig.create(PODS, pod('elsewhere', { spec: { schedulerName: 'other' } }));
    await rig.create(PODS, pod('low', { cpu: '1500m' }));
    await rig.create(PODS, pod('high', { cpu: '1500m', spec: { priority: 1000 } }));
    await rig.clock.runFor(5000);
    expect(nodeOf(rig, 'high')).toBe('m6i-large-1');
    expect(['low', 'gated', 'elsewhere'].map((name) => nodeOf(rig, name))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(whyPending(rig, 'gated')).toBeUndefined();
    await rig.access.mergePatch(
      PODS,
      { namespace: NAMESPACE, name: 'gated' },
      { body: { spec: { schedulingGates: null } } },
    );
    await rig.clock.runFor(1000);
    expect(nodeOf(rig, 'gated')).toBe('m6i-large-1');
  });

  it('says so where there are no nodes at all', async () => {
    const rig = await startRig({ nodes: [] });
    await place(rig, 'web');
    expect(whyPending(rig, 'web')).toBe('no nodes available to schedule pods');
  });

  it('goes on where timers fire a little early, as those of a real clock do', async () => {
    const virtual = new VirtualClock({ startMs: 0 });
    const hasty: Clock = {
      now: () => virtual.now(),
      after: (ms, callback) => virtual.after(Math.max(0, ms - 1), callback),
    };
    const random = new SeededRandom(1);
    const access = new MemoryCluster({ clock: hasty, random });
    const nodes = nodesOf({ instanceType: 'm6i.xlarge', count: 1 });
    await virtual.settle(Fleet.start({ access, clock: hasty, random, seed: 1, nodes }), 1000);
    for (let index = 0; index < 20; index += 1) {
      await access.create(PODS, pod(`pod-${index}`, { cpu: '10m' }));
      await virtual.runFor(100);
    }
    expect(access.list(PODS).every((each) => each.spec?.nodeName === 'm6i-xlarge-1')).toBe(true);
  });
});

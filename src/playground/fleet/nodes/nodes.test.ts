import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import { LEASES, NODES } from '#kube/client/builtin-types.ts';
import { amountsOf } from '../resources.ts';
import { startRig } from '../testing/fleet-rig.ts';
import { nodeObject, nodeStatus } from './node-object.ts';
import { INSTANCE_TYPES, type InstanceType } from './instance-types.ts';
import { type NodeShape, nodesOf } from './node-shape.ts';

function only(shapes: readonly NodeShape[]): NodeShape {
  const [shape] = shapes;
  if (shape === undefined) throw new Error('no node');
  return shape;
}

function statusOf(shape: NodeShape): NonNullable<Node['status']> {
  return nodeStatus(shape, { address: '10.0.0.1', nowMs: 0, readySinceMs: 0 });
}

describe('nodes', () => {
  it('are dealt out over zones, with the labels of clouds and device plugins', () => {
    const nodes = nodesOf({
      instanceType: 'p4d.24xlarge',
      count: 4,
      capacityType: 'spot',
      labels: { team: 'ml' },
    });
    expect(nodes.map(({ name }) => name)).toEqual([1, 2, 3, 4].map((index) => `p4d-24xlarge-spot-${index}`));
    expect(nodes.map(({ zone }) => zone.at(-1))).toEqual(['a', 'b', 'c', 'a']);
    const [first] = nodes;
    if (first === undefined) throw new Error('no node');
    const { metadata, spec } = nodeObject(first);
    expect(metadata?.labels).toMatchObject({
      'node.kubernetes.io/instance-type': 'p4d.24xlarge',
      'karpenter.sh/capacity-type': 'spot',
      'topology.kubernetes.io/region': 'ap-northeast-2',
      'nvidia.com/gpu.count': '8',
      'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-40GB',
      team: 'ml',
    });
    expect(spec?.taints?.[0]?.key).toBe('nvidia.com/gpu');
    const status = nodeStatus(first, { address: '10.0.0.1', nowMs: 0, readySinceMs: 0 });
    expect(status.capacity).toMatchObject({ cpu: '96', 'nvidia.com/gpu': '8', pods: '110' });
  });

  it.each([
    [
      'atom-server',
      'rebellions.ai/ATOM',
      { 'rebellions.ai/npu.present': 'true', 'rebellions.ai/npu.product': 'RBLN-CA12' },
    ],
    ['rngd-server', 'furiosa.ai/rngd', { 'furiosa.ai/npu.count': '8', 'furiosa.ai/npu.product': 'rngd' }],
  ] as const)(
    'of type %s offer NPUs as %s, with the labels of their discovery',
    (instanceType, resource, labels) => {
      const shape = only(nodesOf({ instanceType, count: 1 }));
      expect(statusOf(shape).allocatable?.[resource]).toBe('8');
      expect(nodeObject(shape).metadata?.labels).toMatchObject(labels);
      expect(nodeObject(shape).spec?.taints?.[0]).toMatchObject({ key: resource, effect: 'NoSchedule' });
    },
  );

  it.each([
    ['g4dn.xlarge', 'Tesla-T4', '15360', 'turing', '7'],
    ['g6.12xlarge', 'NVIDIA-L4', '23034', 'ada-lovelace', '8'],
    ['p4de.24xlarge', 'NVIDIA-A100-SXM4-80GB', '81920', 'ampere', '8'],
    ['p5.48xlarge', 'NVIDIA-H100-80GB-HBM3', '81559', 'hopper', '9'],
  ] as const)(
    'of type %s carry the labels of GPU feature discovery',
    (instanceType, product, memory, family, major) => {
      expect(nodeObject(only(nodesOf({ instanceType, count: 1 }))).metadata?.labels).toMatchObject({
        'nvidia.com/gpu.present': 'true',
        'nvidia.com/gpu.product': product,
        'nvidia.com/gpu.memory': memory,
        'nvidia.com/gpu.family': family,
        'nvidia.com/gpu.compute.major': major,
      });
    },
  );

  it.each([
    [
      'm6i.large',
      { 'karpenter.sh/capacity-type': 'spot', 'eks.amazonaws.com/capacityType': 'SPOT' },
      'aws:///ap-northeast-2a/',
    ],
    [
      'n2-standard-4',
      { 'cloud.google.com/gke-spot': 'true', 'cloud.google.com/gke-provisioning': 'spot' },
      'gce:///asia-northeast3-a/',
    ],
    ['Standard_D4s_v5', { 'kubernetes.azure.com/scalesetpriority': 'spot' }, 'azure:///koreacentral-1/'],
  ] as const)('of type %s say that they are spot as their cloud does', (instanceType, labels, providerId) => {
    const spot = nodeObject(only(nodesOf({ instanceType, count: 1, capacityType: 'spot' })));
    expect(spot.metadata?.labels).toMatchObject(labels);
    expect(spot.spec?.providerID).toMatch(providerId);
    const paid = nodeObject(only(nodesOf({ instanceType, count: 1 }))).metadata?.labels ?? {};
    expect(Object.entries(labels).some(([label, value]) => paid[label] === value)).toBe(false);
  });

  it('have names and labels that Kubernetes accepts, whatever the type', () => {
    for (const instanceType of Object.keys(INSTANCE_TYPES) as InstanceType[]) {
      for (const capacityType of ['on-demand', 'spot'] as const) {
        const { metadata } = nodeObject(only(nodesOf({ instanceType, count: 1, capacityType })));
        expect(metadata?.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
        for (const value of Object.values(metadata?.labels ?? {}))
          expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
      }
    }
  });

  it('write quantities that the API server accepts, whatever their size', () => {
    const amount = (max: number) => fc.double({ min: 0.001, max, noNaN: true });
    fc.assert(
      fc.property(
        amount(1e6),
        amount(2 ** 53),
        fc.integer({ min: 1, max: 1000 }),
        (cpuCores, memoryBytes, maxPods) => {
          const shape = {
            ...only(nodesOf({ instanceType: 'm6i.large', count: 1 })),
            cpuCores,
            memoryBytes,
            maxPods,
          };
          const { capacity = {}, allocatable = {} } = statusOf(shape);
          for (const [name, text] of [...Object.entries(capacity), ...Object.entries(allocatable)]) {
            // The form that apimachinery reads; exponents and fractions are avoided altogether.
            expect(text, name).toMatch(/^\d+(m|Ki)?$/);
          }
          const [whole, usable] = [amountsOf(capacity), amountsOf(allocatable)];
          expect(Math.abs((whole['cpu'] ?? NaN) - cpuCores)).toBeLessThanOrEqual(0.0011);
          expect(Math.abs((whole['memory'] ?? NaN) - memoryBytes)).toBeLessThanOrEqual(1024);
          expect(usable['cpu']).toBeLessThanOrEqual(whole['cpu'] ?? NaN);
          expect(usable['memory']).toBeLessThanOrEqual(whole['memory'] ?? NaN);
        },
      ),
    );
  });

  it('are refused by name where they cannot be: unknown types, amounts that are none', () => {
    const unknown = 'm6i.9xlarge' as InstanceType;
    expect(() => nodesOf({ instanceType: unknown, count: 1 })).toThrow(
      '"m6i.9xlarge" is not an instance type',
    );
    const shape = only(nodesOf({ instanceType: 'p5.48xlarge', count: 1 }));
    for (const cpuCores of [NaN, 0, -1, Infinity])
      expect(() => nodeObject({ ...shape, cpuCores })).toThrow('cpuCores');
    const [gpu] = shape.accelerators ?? [];
    if (gpu === undefined) throw new Error('no GPU');
    expect(() => nodeObject({ ...shape, accelerators: [{ ...gpu, count: 0.5 }] })).toThrow('nvidia.com/gpu');
  });

  it('keep something for themselves, as the EKS image does', () => {
    const { allocatable } = statusOf(only(nodesOf({ instanceType: 'm6i.xlarge', count: 1 })));
    expect(allocatable?.['cpu']).toBe('3920m');
    expect(allocatable?.['memory']).toBe(`${(16 * 1024 - 255 - 11 * 110 - 100) * 1024}Ki`);
  });

  it('register, hold their leases and report, as often as they are told', async () => {
    const rig = await startRig({ leaseRenewMs: 10_000, heartbeatMs: 300_000 });
    const renewed = (): string =>
      rig.access.get(LEASES, { namespace: 'kube-node-lease', name: 'm6i-xlarge-1' })?.spec?.renewTime ?? '';
    const ready = () =>
      rig.access
        .get(NODES, { name: 'm6i-xlarge-1' })
        ?.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready()).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    for (let round = 0; round < 30; round += 1) {
      await rig.clock.runFor(40_000);
      expect(rig.clock.now() - Date.parse(renewed())).toBeLessThan(11_000);
    }
    expect(rig.clock.now() - Date.parse(ready()?.lastHeartbeatTime ?? '')).toBeLessThan(320_000);
    expect(ready()?.lastTransitionTime).toBe('2026-01-05T08:00:00Z');
    rig.fleet.failNode('m6i-xlarge-1');
    const last = renewed();
    await rig.clock.runFor(60_000);
    expect(renewed()).toBe(last);
  });

  it('write nothing while nobody looks at leases', async () => {
    const rig = await startRig();
    const { writes } = rig.access;
    await rig.clock.runFor(86_400_000);
    expect(rig.access.writes).toBe(writes);
  });
});

import { describe, expect, it } from 'vitest';
import { LEASES, NODES } from '#kube/client/builtin-types.ts';
import { startRig } from '../testing/fleet-rig.ts';
import { nodeObject, nodeStatus } from './node-object.ts';
import { nodesOf } from './node-shape.ts';

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
    ['atom-server', 'rebellions.ai/ATOM'],
    ['rngd-server', 'furiosa.ai/rngd'],
  ] as const)('of type %s offer NPUs as %s', (instanceType, resource) => {
    const [shape] = nodesOf({ instanceType, count: 1 });
    if (shape === undefined) throw new Error('no node');
    const { allocatable } = nodeStatus(shape, { address: '10.0.0.1', nowMs: 0, readySinceMs: 0 });
    expect(allocatable?.[resource]).toBe('8');
  });

  it('keep something for themselves, as the EKS image does', () => {
    const [shape] = nodesOf({ instanceType: 'm6i.xlarge', count: 1 });
    if (shape === undefined) throw new Error('no node');
    const { allocatable } = nodeStatus(shape, { address: '10.0.0.1', nowMs: 0, readySinceMs: 0 });
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

import { describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import { hamiAllocations, hamiDevices } from './hami.ts';
import { inventoryOf } from './inventory-source.ts';
import { machineFacts, partOfResource } from './machine-facts.ts';

function node(
  labels: Readonly<Record<string, string>>,
  capacity: Readonly<Record<string, string>>,
  annotations = {},
): Node {
  return { metadata: { name: 'n1', labels, annotations }, status: { capacity } };
}

describe('what a node tells of itself', () => {
  it('is its size, its make and its names', () => {
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'Hostname', address: 'n1' },
    ];
    const labels = {
      'node.kubernetes.io/instance-type': 'm6i.large',
      'feature.node.kubernetes.io/cpu-model.vendor_id': 'Intel',
      'feature.node.kubernetes.io/cpu-model.family': '6',
      'feature.node.kubernetes.io/cpu-model.id': '106',
      'kubernetes.io/hostname': 'n1.local',
    };
    const { metadata } = node(labels, {});
    const found = machineFacts({
      metadata: metadata ?? {},
      status: { capacity: { cpu: '3500m', memory: '8Gi' }, addresses },
    });
    expect(found).toEqual({
      node: 'n1',
      instanceType: 'm6i.large',
      processor: 'Ice Lake',
      cpuCores: 3.5,
      memoryBytes: 8 * 1024 ** 3,
      accelerators: [],
      aliases: ['10.0.0.1', 'n1.local'],
    });
  });

  it('leaves out what is no quantity: unknown, not zero', () => {
    expect(machineFacts(node({}, { cpu: 'many' }))).toEqual({ node: 'n1', accelerators: [], aliases: [] });
  });

  it('is boards, not the slots that are made of them', () => {
    const labels = { 'nvidia.com/gpu.product': 'Tesla-T4', 'nvidia.com/gpu.count': '2' };
    expect(
      machineFacts(node(labels, { 'nvidia.com/gpu': '8', 'nvidia.com/gpumem': '30000' })).accelerators,
    ).toEqual([{ part: 'gpu', vendor: 'nvidia', count: 2, model: 'Tesla-T4' }]);
    const hami = { 'hami.io/node-nvidia-register': 'GPU-1,10,24576,100,NVIDIA-A10,0,true:' };
    expect(machineFacts(node({}, { 'nvidia.com/gpu': '10' }, hami)).accelerators[0]?.count).toBe(1);
    expect(machineFacts(node({}, { 'rebellions.ai/ATOM': '4' })).accelerators).toEqual([
      { part: 'npu', vendor: 'rebellions', count: 4 },
    ]);
  });

  it.each([
    ['nvidia.com/gpu', 'gpu'],
    ['nvidia.com/gpu.shared', 'gpu'],
    ['nvidia.com/mig-1g.5gb', 'gpu'],
    ['nvidia.com/gpumem-percentage', undefined],
    ['nvidia.com/gpucores', undefined],
    ['amd.com/gpu', 'gpu'],
    ['furiosa.ai/rngd', 'npu'],
    ['hugepages-2Mi', undefined],
    ['example.com/gpu', undefined],
  ])('takes %s for %s', (resource, part) => {
    expect(partOfResource(resource)).toBe(part);
  });
});

describe('what HAMi gave', () => {
  const memory = new Map([['GPU-1', 24_000]]);

  it('is by container, by cores before memory', () => {
    const annotations = {
      'hami.io/vgpu-devices-allocated': 'GPU-1,NVIDIA,12000,30:;GPU-1,NVIDIA,6000,0:GPU-2,NVIDIA,6000,0:;',
    };
    expect(hamiAllocations(annotations, memory).slice(0, 2)).toEqual([
      [{ uuid: 'GPU-1', share: 0.3 }],
      [{ uuid: 'GPU-1', share: 0.25 }, { uuid: 'GPU-2' }],
    ]);
  });

  it('is nothing where nothing is written, or nothing that can be read', () => {
    expect(hamiAllocations({}, memory).flat()).toEqual([]);
    expect(hamiAllocations({ 'hami.io/vgpu-devices-allocated': ';::,,;' }, memory).flat()).toEqual([]);
    expect(hamiDevices({ 'hami.io/node-nvidia-register': '[{"id":' })).toEqual([]);
  });

  it('is of devices whose memory a node tells in either style', () => {
    const json = JSON.stringify([{ id: 'GPU-1', count: 10, devmem: 24_576 }, 'x', { id: 7 }]);
    expect(hamiDevices({ 'hami.io/node-nvidia-register': json })).toEqual([['GPU-1', 24_576]]);
    expect(hamiDevices({ 'hami.io/node-nvidia-register': 'GPU-1,10,24576,100,NVIDIA,0,true:' })).toEqual([
      ['GPU-1', 24_576],
    ]);
  });
});

describe('the pods of a cluster', () => {
  const pod = (name: string, phase: string, spec = {}) => ({
    metadata: { name, namespace: 'team-a', uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { nodeName: 'n1', containers: [{ name: 'app', resources: { limits: { 'nvidia.com/gpu': '2' }, requests: { cpu: '500m', memory: 'x' } } }], ...spec }, // prettier-ignore
    status: { phase, podIP: '10.244.0.1' },
  });

  it('are those that hold something of a node, with what they asked for', () => {
    const { pods } = inventoryOf(
      [],
      [pod('a', 'Running'), pod('b', 'Succeeded'), pod('c', 'Pending', { nodeName: undefined })],
    );
    expect(pods.map((each) => each.pod)).toEqual(['a']);
    expect(pods[0]).toMatchObject({
      ip: '10.244.0.1',
      containers: [{ container: 'app', cpuRequestCores: 0.5, gpus: 2, npus: 0 }],
    });
    expect(pods[0]?.containers[0]).not.toHaveProperty('memoryRequestBytes');
  });

  it('have their sidecars, and no address of their own on the network of the host', () => {
    const initContainers = [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'setup' }];
    const [found] = inventoryOf([], [pod('a', 'Running', { initContainers, hostNetwork: true })]).pods;
    expect(found?.containers.map(({ container }) => container)).toEqual(['app', 'proxy']);
    expect(found).not.toHaveProperty('ip');
  });
});

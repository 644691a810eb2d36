import { describe, expect, it } from 'vitest';
import type { Node, PodSpec } from '#apis/kubernetes/builtin.ts';
import { nodeFacts } from './node-facts.ts';
import { nodeGpus, podGpus } from './gpu-share.ts';

function node(capacity: Record<string, string>, labels = {}, annotations = {}): Node {
  return { metadata: { name: 'n', labels, annotations }, status: { capacity } };
}

function pod(...requests: readonly Record<string, string>[]): PodSpec {
  return {
    containers: requests.map((limits, index) => ({ name: `c${String(index)}`, resources: { limits } })),
  };
}

const A100 = { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-40GB', 'nvidia.com/gpu.memory': '40960' };

describe('GPUs in whole devices', () => {
  it('are as many as the node has, and as the pod asks for', () => {
    const gpus = nodeGpus(node({ 'nvidia.com/gpu': '8' }, { ...A100, 'nvidia.com/gpu.count': '8' }));
    expect(gpus).toMatchObject({ devices: 8, product: 'NVIDIA-A100-SXM4-40GB', unit: 1 });
    expect(podGpus(pod({ 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu': '1' }), gpus)).toBe(3);
    expect(podGpus(pod({ cpu: '4' }), gpus)).toBe(0);
  });

  it('are divided by their sharers under time-slicing, under either name', () => {
    const labels = { ...A100, 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-40GB-SHARED', 'nvidia.com/gpu.count': '2', 'nvidia.com/gpu.replicas': '4' }; // prettier-ignore
    for (const name of ['nvidia.com/gpu', 'nvidia.com/gpu.shared']) {
      const gpus = nodeGpus(node({ [name]: '8' }, labels));
      expect(gpus).toMatchObject({ devices: 2, product: 'NVIDIA-A100-SXM4-40GB', unit: 0.25 });
      expect(podGpus(pod({ [name]: '1' }), gpus)).toBe(0.25);
    }
    // Feature discovery is not needed to count them.
    const { 'nvidia.com/gpu.count': _count, ...uncounted } = labels;
    expect(nodeGpus(node({ 'nvidia.com/gpu': '8' }, uncounted)).devices).toBe(2);
  });

  it.each([
    ['nvidia.com/mig-1g.5gb', 1 / 7],
    ['nvidia.com/mig-2g.10gb', 2 / 7],
    ['nvidia.com/mig-3g.20gb', 1 / 2],
    ['nvidia.com/mig-7g.40gb', 1],
    ['nvidia.com/mig-1g.10gb', 1 / 4],
    ['nvidia.com/mig-1g.5gb.me', 1 / 7],
  ])('are the larger of compute and memory of a slice %s', (name, share) => {
    const gpus = nodeGpus(node({ [name]: '1' }, { ...A100, 'nvidia.com/mig.strategy': 'mixed' }));
    expect(gpus.devices).toBe(1);
    expect(podGpus(pod({ [name]: '1' }), gpus)).toBeCloseTo(share, 12);
  });

  it('are counted from the slices of a machine in MIG mode', () => {
    const capacity = { 'nvidia.com/mig-4g.20gb': '3', 'nvidia.com/mig-3g.20gb': '3', 'nvidia.com/gpu': '1' };
    expect(nodeGpus(node(capacity, { ...A100, 'nvidia.com/mig.strategy': 'mixed' })).devices).toBe(4);
    expect(nodeGpus(node({ 'nvidia.com/mig-1g.5gb': '56' }, A100)).devices).toBe(8);
  });

  it('are slices called GPUs with the MIG strategy single', () => {
    const product = 'NVIDIA-A100-SXM4-40GB-MIG-1g.5gb';
    const labels = {
      'nvidia.com/gpu.product': product,
      'nvidia.com/gpu.count': '56',
      'nvidia.com/gpu.memory': '4864',
    };
    const gpus = nodeGpus(node({ 'nvidia.com/gpu': '56' }, labels));
    expect(gpus).toMatchObject({ devices: 8, product: 'NVIDIA-A100-SXM4-40GB' });
    expect(podGpus(pod({ 'nvidia.com/gpu': '7' }), gpus)).toBeCloseTo(1, 12);
  });

  it.each([
    [{ 'nvidia.com/gpu': '1', 'nvidia.com/gpumem': '10240' }, 0.25],
    [{ 'nvidia.com/gpu': '2', 'nvidia.com/gpumem-percentage': '50' }, 1],
    [{ 'nvidia.com/gpu': '1', 'nvidia.com/gpumem': '4096', 'nvidia.com/gpucores': '30' }, 0.3],
    [{ 'nvidia.com/gpu': '1', 'nvidia.com/gpucores': '30' }, 1],
    [{ 'nvidia.com/gpu': '1' }, 1],
  ])('are the fraction that HAMi gives for %j', (asked, share) => {
    const cards = [{ id: 'GPU-1', count: 10, devmem: 40960 }, { id: 'GPU-2', count: 10, devmem: 40960 }];
    for (const text of [JSON.stringify(cards), 'GPU-1,10,40960,100,NVIDIA-A100,0,true:GPU-2,10,40960,100,NVIDIA-A100,0,true:']) {
      const gpus = nodeGpus(node({ 'nvidia.com/gpu': '20' }, {}, { 'hami.io/node-nvidia-register': text }));
      expect(gpus.devices).toBe(2);
      expect(podGpus(pod(asked), gpus)).toBeCloseTo(share, 12);
    }
  }); // prettier-ignore

  it('are those of other makers as well', () => {
    const gpus = nodeGpus(node({ 'rebellions.ai/ATOM': '8', 'amd.com/gpu': '1' }));
    expect(gpus.devices).toBe(9);
    expect(podGpus(pod({ 'rebellions.ai/ATOM': '4' }), gpus)).toBe(4);
  });

  it('are none where what a node says of them cannot be read', () => {
    const broken = node({ 'nvidia.com/gpu': 'many' }, {}, { 'hami.io/node-nvidia-register': '[{' });
    expect(nodeGpus(broken).devices).toBe(0);
    expect(nodeFacts(broken)).not.toHaveProperty('gpus');
  });
});

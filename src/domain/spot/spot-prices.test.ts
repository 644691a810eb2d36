import { describe, expect, it } from 'vitest';
import { node, question, workload } from './testing.ts';
import { spotPrices } from './spot-prices.ts';

const CPU_AND_MEMORY_USD = 0.04 + 2 * 0.005;

describe('what a pod costs on either kind of node', () => {
  it('is its cores and memory at the prices of those nodes', () => {
    const prices = spotPrices(question());
    expect(prices?.onDemandUsdPerPodHour).toBeCloseTo(CPU_AND_MEMORY_USD, 12);
    expect(prices?.spotUsdPerPodHour).toBeCloseTo(CPU_AND_MEMORY_USD * 0.3, 12);
  });

  it('has its GPUs in it, on both kinds and in what savings are measured against', () => {
    const limits = { 'nvidia.com/gpu': '2' };
    const gpuWorkload = workload({ containers: [{ name: 'app', resources: { limits } }] });
    const allocatable = { cpu: 16, memory: 64 * 1024 ** 3, 'nvidia.com/gpu': 4 };
    const gpuNode = (name: string, capacity: 'spot' | 'on-demand', gpuUsdPerHour: number) => {
      const plain = node(name, capacity);
      const { prices } = plain;
      return prices === undefined ? plain : { ...plain, allocatable, prices: { ...prices, gpuUsdPerHour } };
    };
    const nodes = [gpuNode('d1', 'on-demand', 3), gpuNode('d2', 'on-demand', 5), gpuNode('s1', 'spot', 1)];
    const prices = spotPrices(question({ workload: gpuWorkload, nodes }));
    expect(prices?.onDemandUsdPerPodHour).toBeCloseTo(CPU_AND_MEMORY_USD + 2 * 4, 12);
    expect(prices?.spotUsdPerPodHour).toBeCloseTo(CPU_AND_MEMORY_USD * 0.3 + 2 * 1, 12);
    expect(prices?.onDemand).toMatchObject({ gpusPerPod: 2, gpuUsdPerHour: 4 });
  });

  it('is not claimed where a node has no listed price', () => {
    const { prices: _none, ...unlisted } = node('s1', 'spot');
    const nodes = [node('d1', 'on-demand'), { ...unlisted, prices: undefined }];
    expect(spotPrices(question({ nodes }))).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import { listedUsdPerHour, pricesOfNode, pricesOfPods } from './node-prices.ts';
import { cents, DEFAULT_PRICES, usdPerHour } from './resource-prices.ts';
import { monthlyCost, podFootprint } from './workload-cost.ts';
import { workloadPrices } from './workload-prices.ts';

const GIB = 1024 ** 3;

describe('prices', () => {
  it('split a node so that all of it costs exactly its list price', () => {
    const amount = fc.double({ min: 0.5, max: 512, noNaN: true });
    fc.assert(
      fc.property(amount, amount, fc.double({ min: 0.01, max: 100, noNaN: true }), (cpuCores, gib, usd) => {
        const node = { name: 'n', instanceType: 'm5.large', cpuCores, memoryBytes: gib * GIB };
        const prices = pricesOfNode(node, { 'm5.large': usd }, DEFAULT_PRICES);
        expect(usdPerHour({ cpuCores, memoryBytes: gib * GIB }, prices)).toBeCloseTo(usd, 9);
        expect(prices.source).toBe('node-price-list');
      }),
    );
  });

  it('split a machine with GPUs over them too, and never give its CPU more than the base rates', () => {
    const amount = fc.double({ min: 0.5, max: 512, noNaN: true });
    const gpus = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(
        amount,
        amount,
        gpus,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (cpuCores, gib, gpus, usd) => {
          const node = { name: 'n', instanceType: 'p5', cpuCores, memoryBytes: gib * GIB, gpus };
          const prices = pricesOfNode(node, { p5: usd }, DEFAULT_PRICES);
          expect(usdPerHour({ cpuCores, memoryBytes: gib * GIB, gpus }, prices)).toBeCloseTo(usd, 9);
          expect(prices.cpuUsdPerCoreHour).toBeLessThanOrEqual(DEFAULT_PRICES.cpuUsdPerCoreHour);
          expect(prices.gpuUsdPerHour).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('leave what a machine costs beyond its parts to its GPUs, and share a cheap one by the base rates', () => {
    const node = {
      name: 'n',
      instanceType: 't',
      cpuCores: 10,
      memoryBytes: 20 * GIB,
      gpus: 2,
      gpuProduct: 'T4',
    };
    const of = (usd: number, more = {}) => pricesOfNode(node, { t: usd, ...more }, DEFAULT_PRICES);
    // At base rates: 0.40 + 0.10 + 2 · 0.95 = 2.40.
    expect(of(10)).toMatchObject({
      cpuUsdPerCoreHour: 0.04,
      memoryUsdPerGibHour: 0.005,
      gpuUsdPerHour: 4.75,
    });
    expect(of(1.2).gpuUsdPerHour).toBeCloseTo(0.475, 12);
    // A rate for this make of GPU takes the place of the base rate: 0.50 + 2 · 0.25 = 1.00.
    expect(of(0.5, { 'gpu/T4': 0.25 }).gpuUsdPerHour).toBeCloseTo(0.125, 12);
    expect(pricesOfNode(node, { 'gpu/T4': 0.25 }, DEFAULT_PRICES)).toEqual({
      ...DEFAULT_PRICES,
      gpuUsdPerHour: 0.25,
    });
  });

  it.each([
    [{ isSpot: false }, 'a', 1],
    [{ isSpot: false }, 'b', 2],
    [{ isSpot: true }, 'a', 3],
    [{ isSpot: true }, 'b', 4],
    [{ isSpot: true, name: 'mine' }, 'a', 5],
    [{ isSpot: false, region: 'r' }, 'b', 6],
    [{ isSpot: false, region: 'r' }, 'a', 1],
  ])('are looked up from the most particular key: %j in zone %s', (more, zone, usd) => {
    const list = { t: 2, 't@a': 1, 't/spot': 4, 't/spot@a': 3, 'node/mine': 5, 't@r': 6 };
    const node = { name: 'n', instanceType: 't', cpuCores: 1, memoryBytes: GIB, zone, ...more };
    expect(listedUsdPerHour(node, list)).toBe(usd);
  });

  it('of a spot node without a spot price are those of its zone on demand', () => {
    const node = { name: 'n', instanceType: 't', cpuCores: 1, memoryBytes: 0, zone: 'a', isSpot: true };
    expect(pricesOfNode(node, { t: 2, 't@a': 1 }, DEFAULT_PRICES).cpuUsdPerCoreHour).toBe(1);
  });

  it('are the base rates for a node that is not on the list', () => {
    const node = { name: 'n', instanceType: 'unheard-of', cpuCores: 4, memoryBytes: 8 * GIB };
    expect(pricesOfNode(node, {}, DEFAULT_PRICES)).toBe(DEFAULT_PRICES);
  });

  it('of a workload are the mean over its nodes, named by the weakest source', () => {
    const listed = { cpuUsdPerCoreHour: 0.08, memoryUsdPerGibHour: 0.01, source: 'node-price-list' } as const;
    const mixed = pricesOfPods(['a', 'b'], (name) => (name === 'a' ? listed : undefined));
    expect(mixed.cpuUsdPerCoreHour).toBeCloseTo(0.06, 12);
    expect(mixed.source).toBe('default');
    expect(pricesOfPods(['a', 'a'], () => listed).source).toBe('node-price-list');
    expect(pricesOfPods([], () => listed)).toBe(DEFAULT_PRICES);
  });
});

describe('the prices of a workload with GPUs', () => {
  const node = (name: string, replicas: string): Node => ({
    metadata: {
      name,
      labels: { 'node.kubernetes.io/instance-type': 't', 'nvidia.com/gpu.replicas': replicas },
    },
    status: { capacity: { cpu: '10', memory: '20Gi', 'nvidia.com/gpu': replicas } },
  });
  const template = { containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': '1' } } }] };
  const nodes = new Map(
    [node('whole', '1'), node('shared', '4')].map((each) => [each.metadata?.name ?? '', each]),
  );
  const of = (...hosts: readonly string[]) =>
    workloadPrices({
      template,
      hosts,
      nodeOf: (name) => nodes.get(name),
      book: { base: DEFAULT_PRICES, nodes: { t: 2.5 } },
    });

  it('have the part of a GPU that each pod holds, and its price', () => {
    // 10 cores and 20 GiB come to $0.50 at base rates: the GPU is the other $2.00.
    expect(of('whole')).toMatchObject({ gpusPerPod: 1, gpuUsdPerHour: 2, source: 'node-price-list' });
    expect(of('shared').gpusPerPod).toBe(0.25);
    expect(of('whole', 'shared').gpusPerPod).toBeCloseTo(0.625, 12);
    expect(usdPerHour({ cpuCores: 1, memoryBytes: 0 }, of('shared'))).toBeCloseTo(0.04 + 0.5, 12);
  });

  it('are whole devices at the base rate where no node is known, and nothing without GPUs', () => {
    expect(of()).toEqual({ ...DEFAULT_PRICES, gpusPerPod: 1 });
    const book = { base: DEFAULT_PRICES, nodes: {} };
    expect(workloadPrices({ template: { containers: [] }, hosts: [], nodeOf: () => undefined, book })).toBe(
      DEFAULT_PRICES,
    );
  });
});

describe('the cost of a workload', () => {
  it('is what its pods request, every container counted', () => {
    const size = {
      'containers/app/requests/cpu': '1500m',
      'containers/app/requests/memory': '2Gi',
      'containers/app/limits/cpu': '9',
      'initContainers/mesh/requests/cpu': '500m',
      replicas: 3,
    };
    expect(podFootprint(size)).toEqual({ cpuCores: 2, memoryBytes: 2 * GIB });
    expect(monthlyCost(size, 3, DEFAULT_PRICES)).toBeCloseTo(3 * 730 * (2 * 0.04 + 2 * 0.005), 9);
  });

  it('counts the GPUs that each of its pods holds', () => {
    const size = { 'containers/app/requests/cpu': '1' };
    const prices = { ...DEFAULT_PRICES, gpuUsdPerHour: 2, gpusPerPod: 0.5 };
    expect(monthlyCost(size, 3, prices)).toBeCloseTo(3 * 730 * (0.04 + 1), 9);
    expect(usdPerHour({ ...podFootprint(size), gpus: 0 }, prices)).toBeCloseTo(0.04, 12);
  });

  it('knows that a request that is not set is unknown, not zero', () => {
    expect(podFootprint({ 'containers/app/requests/cpu': null })).toEqual({ cpuCores: undefined, memoryBytes: undefined }); // prettier-ignore
  });

  it('is shown in whole cents, never as minus zero', () => {
    expect([cents(1.005), cents(-1.005), cents(-0.001)]).toEqual([1.01, -1.01, 0]);
    expect(Object.is(cents(-0.001), 0)).toBe(true);
  });
});

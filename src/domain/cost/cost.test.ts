import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pricesOfNode, pricesOfPods } from './node-prices.ts';
import { cents, DEFAULT_PRICES, usdPerHour } from './resource-prices.ts';
import { monthlyCost, podFootprint } from './workload-cost.ts';

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

  it('knows that a request that is not set is unknown, not zero', () => {
    expect(podFootprint({ 'containers/app/requests/cpu': null })).toEqual({ cpuCores: undefined, memoryBytes: undefined }); // prettier-ignore
  });

  it('is shown in whole cents, never as minus zero', () => {
    expect([cents(1.005), cents(-1.005), cents(-0.001)]).toEqual([1.01, -1.01, 0]);
    expect(Object.is(cents(-0.001), 0)).toBe(true);
  });
});

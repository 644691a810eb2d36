/** Clusters for tests: small ones by hand, and arbitrary ones with everything that goes wrong in bills. */
import fc from 'fast-check';
import { DEFAULT_PRICES, type ResourcePrices } from '../cost/resource-prices.ts';
import { HOUR_MS } from '../units/duration.ts';
import type { AllocationInput } from './allocate.ts';
import type { NodeSpan, Parts, PodSpan } from './allocation.ts';

export const GIB = 1024 ** 3;
export const START_MS = Date.UTC(2026, 0, 31, 9);

export function nodeSpan(more: Partial<NodeSpan> & Pick<NodeSpan, 'name'>): NodeSpan {
  return {
    id: more.name,
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    capacity: { cpu: 4, memory: 16 * GIB, gpu: 0 },
    prices: DEFAULT_PRICES,
    priceKey: undefined,
    instanceType: 'm6i.xlarge',
    zone: 'us-east-1a',
    region: 'us-east-1',
    isSpot: false,
    ...more,
  };
}

export function podSpan(more: Partial<PodSpan> & Pick<PodSpan, 'name'>): PodSpan {
  return {
    uid: `uid-${more.name}`,
    namespace: 'shop',
    owner: undefined,
    labels: {},
    node: 'n1',
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    requests: {},
    usage: {},
    ...more,
  };
}

/** Amounts that sources really give: nothing, zero, tiny, huge, NaN, negative, infinite. */
const wild = (max: number): fc.Arbitrary<number | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: 0, max, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, 0, Number.NaN, -1, Infinity, max * 20) },
  );

function wildParts(gpus: number): fc.Arbitrary<Partial<Parts>> {
  return fc
    .record({ cpu: wild(16), memory: wild(64 * GIB), gpu: wild(gpus) })
    .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, amount]) => amount !== undefined)));
}

const span = fc
  .tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: 1, max: 120 }))
  .map(([from, minutes]) => ({
    fromMs: START_MS + from * 60_000,
    toMs: START_MS + (from + minutes) * 60_000,
  }));

const prices: fc.Arbitrary<ResourcePrices> = fc.record({
  cpuUsdPerCoreHour: fc.double({ min: 0, max: 1, noNaN: true }),
  memoryUsdPerGibHour: fc.double({ min: 0, max: 0.1, noNaN: true }),
  gpuUsdPerHour: fc.double({ min: 0, max: 10, noNaN: true }),
  source: fc.constantFrom('node-price-list' as const, 'default' as const),
});

const capacity: fc.Arbitrary<Parts> = fc.record({
  cpu: fc.constantFrom(0, 1, 4, 96),
  memory: fc.constantFrom(0, GIB, 64 * GIB, 2048 * GIB),
  gpu: fc.constantFrom(0, 0, 1, 8),
});

/** A cluster over an hour: nodes come and go, pods too, some ask for nothing, some for more than there is. */
export const anyCluster: fc.Arbitrary<AllocationInput> = fc
  .record({
    nodes: fc.array(fc.tuple(span, prices, capacity), { minLength: 1, maxLength: 4 }),
    pods: fc.array(
      fc.record({
        span,
        node: fc.integer({ min: 0, max: 4 }),
        namespace: fc.constantFrom('shop', 'ml', 'kube-system'),
        team: fc.constantFrom('a', 'b', undefined),
        requests: wildParts(8),
        usage: wildParts(8),
      }),
      { maxLength: 25 },
    ),
  })
  .map(({ nodes, pods }) => ({
    fromMs: START_MS,
    toMs: START_MS + HOUR_MS,
    nodes: nodes.map(([time, price, size], index) =>
      nodeSpan({ name: `n${String(index)}`, ...time, prices: price, capacity: size }),
    ),
    pods: pods.map(({ span: time, team, node, ...pod }, index) =>
      podSpan({
        name: `p${String(index)}`,
        ...time,
        ...pod,
        node: `n${String(node)}`,
        labels: team === undefined ? {} : { team },
      }),
    ),
  }));

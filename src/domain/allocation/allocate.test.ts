import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../units/duration.ts';
import { allocate } from './allocate.ts';
import { mapParts, NO_PARTS, addParts, type Parts, type PodSpan, sumParts } from './allocation.ts';
import { mergeAllocations } from './merge.ts';
import { anyCluster, GIB, nodeSpan, podSpan, START_MS } from './testing.ts';

const END_MS = START_MS + HOUR_MS;
const EXACT = 1e-9;

function hour(pods: readonly PodSpan[], node = nodeSpan({ name: 'n1' })) {
  return allocate({ fromMs: START_MS, toMs: END_MS, nodes: [node], pods });
}

/** Within 1e-9 of the amount itself, or of a dollar where that is less. */
function near(actual: number, wanted: number): void {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(EXACT * Math.max(1, Math.abs(wanted)));
}

describe('the share of a pod', () => {
  it('is the larger of what it asks for and what it uses, part by part', () => {
    const { pods } = hour([
      podSpan({ name: 'a', requests: { cpu: 1, memory: 4 * GIB }, usage: { cpu: 2, memory: GIB } }),
    ]);
    expect(pods[0]?.usd.cpu).toBeCloseTo(2 * 0.04, 12);
    expect(pods[0]?.usd.memory).toBeCloseTo(4 * 0.005, 12);
  });

  it('is its request where usage is NaN or missing, and says so', () => {
    const usage = { cpu: Number.NaN };
    const { pods } = hour([podSpan({ name: 'a', requests: { cpu: 1, memory: 4 * GIB }, usage })]);
    expect(pods[0]?.usd.cpu).toBeCloseTo(0.04, 12);
    expect(pods[0]).toMatchObject({ usageUnknown: ['cpu', 'memory'], unknown: [] });
  });

  it('is nothing where neither is known, which is said and stays in idle', () => {
    const { pods, nodes } = hour([podSpan({ name: 'a', usage: { memory: GIB } })]);
    expect(pods[0]).toMatchObject({ unknown: ['cpu'] });
    expect(nodes[0]?.idleUsd.cpu).toBeCloseTo(4 * 0.04, 12);
  });

  it('gives way in proportion where pods hold more than the node has', () => {
    const { pods, nodes } = hour([
      podSpan({ name: 'a', usage: { cpu: 6 } }),
      podSpan({ name: 'b', usage: { cpu: 2 } }),
    ]);
    expect(pods.map(({ usd }) => usd.cpu)).toEqual(
      [0.12, 0.04].map((usd) => expect.closeTo(usd, 12) as number),
    );
    expect(nodes[0]?.idleUsd.cpu).toBeCloseTo(0, 12);
  });

  it('counts only while the pod is there: what it leaves is the others’ only if they ask for more than there is', () => {
    const half = START_MS + HOUR_MS / 2;
    const { pods, nodes } = hour([
      podSpan({ name: 'a', requests: { cpu: 4 }, toMs: half }),
      podSpan({ name: 'b', requests: { cpu: 2 } }),
    ]);
    // Together they ask for 6 of 4 cores in the first half; then b holds 2 of 4.
    expect(pods[0]?.usd.cpu).toBeCloseTo(0.16 * 0.5 * (4 / 6), 12);
    expect(pods[1]?.usd.cpu).toBeCloseTo(0.16 * 0.5 * (2 / 6) + 0.16 * 0.5 * 0.5, 12);
    expect(nodes[0]?.idleUsd.cpu).toBeCloseTo(0.16 * 0.5 * 0.5, 12);
  });

  it('of a GPU is the fraction that it holds; the rest of the GPU is idle', () => {
    const node = nodeSpan({ name: 'n1', capacity: { cpu: 4, memory: 16 * GIB, gpu: 1 } });
    const { pods, nodes } = hour([podSpan({ name: 'a', requests: { gpu: 0.25 } })], node);
    expect(pods[0]?.usd.gpu).toBeCloseTo(0.95 / 4, 12);
    expect(nodes[0]?.idleUsd.gpu).toBeCloseTo(0.95 * 0.75, 12);
  });

  it('is unknown on a node that nobody knows', () => {
    const { pods, unplaced } = hour([podSpan({ name: 'a', node: 'gone' })]);
    expect(pods).toEqual([]);
    expect(unplaced).toMatchObject([{ name: 'a' }]);
  });

  it('is kept apart by uid where a name comes back', () => {
    const first = podSpan({ name: 'db-0', uid: '1', requests: { cpu: 1 }, toMs: START_MS + HOUR_MS / 2 });
    const second = podSpan({ name: 'db-0', uid: '2', requests: { cpu: 2 }, fromMs: START_MS + HOUR_MS / 2 });
    expect(hour([first, second]).pods.map(({ usd }) => usd.cpu)).toEqual([
      expect.closeTo(0.02, 12),
      expect.closeTo(0.04, 12),
    ]);
  });
});

describe('whatever happens', () => {
  const total = (parts: readonly Parts[]): Parts => parts.reduce(addParts, NO_PARTS);

  it('pods and idle sum to the node, for each part', () => {
    fc.assert(
      fc.property(anyCluster, (input) => {
        const { nodes, pods } = allocate(input);
        for (const { node, usd, idleUsd } of nodes) {
          const shares = total(pods.filter(({ pod }) => pod.node === node.name).map((share) => share.usd));
          mapParts((part) => {
            near(shares[part] + idleUsd[part], usd[part]);
            expect(idleUsd[part]).toBeGreaterThanOrEqual(0);
            return 0;
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nodes sum to the cluster: its price for as long as each node was there', () => {
    fc.assert(
      fc.property(anyCluster, (input) => {
        const { nodes, pods } = allocate(input);
        const hours = (from: number, to: number) =>
          Math.max(0, Math.min(to, input.toMs) - Math.max(from, input.fromMs)) / HOUR_MS;
        const bill = input.nodes.reduce((sum, { capacity, prices, fromMs, toMs }) => {
          const perHour =
            capacity.cpu * prices.cpuUsdPerCoreHour +
            (capacity.memory / GIB) * prices.memoryUsdPerGibHour +
            capacity.gpu * (prices.gpuUsdPerHour ?? 0);
          return sum + perHour * hours(fromMs, toMs);
        }, 0);
        near(sumParts(total([...pods.map(({ usd }) => usd), ...nodes.map(({ idleUsd }) => idleUsd)])), bill);
      }),
      { numRuns: 300 },
    );
  });

  it('a time is the sum of its parts, wherever it is cut', () => {
    fc.assert(
      fc.property(anyCluster, fc.integer({ min: 1, max: 59 }), (input, minute) => {
        const cutMs = START_MS + minute * 60_000;
        const whole = allocate(input);
        const merged = mergeAllocations([
          allocate({ ...input, toMs: cutMs }),
          allocate({ ...input, fromMs: cutMs }),
        ]);
        for (const { pod, usd, hours } of whole.pods) {
          const other = merged?.pods.find((share) => share.pod.uid === pod.uid);
          near(sumParts(other?.usd ?? NO_PARTS), sumParts(usd));
          near(other?.hours ?? 0, hours);
        }
        expect(merged?.pods).toHaveLength(whole.pods.length);
        near(
          sumParts(total(merged?.nodes.map(({ idleUsd }) => idleUsd) ?? [])),
          sumParts(total(whole.nodes.map(({ idleUsd }) => idleUsd))),
        );
      }),
    );
  });
});

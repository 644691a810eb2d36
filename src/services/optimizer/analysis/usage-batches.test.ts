import { describe, expect, it } from 'vitest';
import type { WorkloadFacts } from '#services/recommendations/workload-facts.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { usageBatches } from './usage-batches.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const FACTS = NAMES.map(
  (name) => ({ ref: { kind: 'Deployment', namespace: 'shop', name } }) as WorkloadFacts,
);

const usageOf = ({ ref }: WorkloadFacts): WorkloadUsage => ({
  workload: ref,
  fromMs: 0,
  toMs: 1,
  containers: [],
  source: 'test',
  lastSampleAtMs: undefined,
});

describe('usage in batches', () => {
  it('comes with the facts of each workload, in order', async () => {
    const asked: string[][] = [];
    const found: string[] = [];
    const ask = (batch: readonly WorkloadFacts[]) => {
      asked.push(batch.map(({ ref }) => ref.name));
      return Promise.resolve(batch.map(usageOf));
    };
    for await (const batch of usageBatches(FACTS, ask, 2)) {
      for (const { facts, usage } of batch) {
        expect(usage.workload).toBe(facts.ref);
        found.push(facts.ref.name);
      }
    }
    expect(asked).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(found).toEqual(NAMES);
  });

  it('asks for one batch ahead and no further', async () => {
    let asked = 0;
    const ask = (batch: readonly WorkloadFacts[]) => {
      asked += 1;
      return Promise.resolve(batch.map(usageOf));
    };
    for await (const _batch of usageBatches(FACTS, ask, 1)) break;
    expect(asked).toBe(2);
  });

  it('fails where the source does, also after a batch that came', async () => {
    let asked = 0;
    const ask = (batch: readonly WorkloadFacts[]) => {
      asked += 1;
      return asked > 1 ? Promise.reject(new Error('down')) : Promise.resolve(batch.map(usageOf));
    };
    const read = async (): Promise<void> => {
      for await (const _batch of usageBatches(FACTS, ask, 3));
    };
    await expect(read()).rejects.toThrow('down');
  });

  it('is nothing where nothing is asked for', async () => {
    for await (const _batch of usageBatches([], () => Promise.reject(new Error('asked'))))
      expect.unreachable();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { monthlyCost } from '#domain/cost/workload-cost.ts';
import { costAnswer } from './cost-answer.ts';

const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';

describe('the cost of a workload, as the API answers', () => {
  it('has the GPUs of its pods in what it computes with', () => {
    const prices = { ...DEFAULT_PRICES, gpusPerPod: 0.5, gpuUsdPerHour: 2 };
    const { breakdown, monthly } = costAnswer({
      sizes: { [CPU]: '1', [MEMORY]: '2Gi' },
      replicas: 3,
      prices,
    });
    expect(breakdown).toMatchObject({ compute: 2277.6, memory: 21.9, total: 2299.5 });
    expect(monthly).toBe(2299.5);
    expect(costAnswer({ sizes: {}, replicas: 1, prices }).breakdown.compute).toBe(730);
  });

  it('is what proposals and the ledger come to, to the cent', () => {
    const amount = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.constantFrom(0, 0.25, 1, 8),
        (cores, gib, replicas, gpusPerPod) => {
          const sizes = { [CPU]: String(cores), [MEMORY]: `${String(gib)}Gi` };
          const prices = gpusPerPod === 0 ? DEFAULT_PRICES : { ...DEFAULT_PRICES, gpusPerPod };
          const { monthly } = costAnswer({ sizes, replicas, prices });
          expect(Math.abs((monthly ?? Number.NaN) - monthlyCost(sizes, replicas, prices))).toBeLessThan(
            0.0051,
          );
        },
      ),
    );
  });

  it('is unknown where nothing is asked for', () => {
    const { monthly, breakdown } = costAnswer({ sizes: {}, replicas: 1, prices: DEFAULT_PRICES });
    expect([monthly, breakdown.compute]).toEqual([null, null]);
  });
});

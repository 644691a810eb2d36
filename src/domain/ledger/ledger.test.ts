import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldMap } from '../change/field.ts';
import { DEFAULT_PRICES } from '../cost/resource-prices.ts';
import {
  type SavingsRate,
  bookInterval,
  counterfactualReplicas,
  measureRate,
  savedPerHour,
} from './ledger.ts';

const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';
const HOUR = 3_600_000;

function reading(pods: readonly FieldMap[], desiredReplicas = pods.length) {
  return { atMs: 0, pods, desiredReplicas, prices: DEFAULT_PRICES };
}

describe('the savings rate', () => {
  it('compares the original sizes with what every pod really carries', () => {
    const pods = [
      { [CPU]: '1', [MEMORY]: '4Gi' },
      { [CPU]: '2', [MEMORY]: '4Gi' },
    ];
    const rate = measureRate({ [CPU]: '2' }, reading(pods));
    expect(rate.baselineUsdPerHour).toBeCloseTo(2 * (2 * 0.04 + 4 * 0.005), 12);
    expect(savedPerHour(rate)).toBeCloseTo(0.04, 12);
  });

  it('holds demand constant: replicas that an autoscaler added count on both sides', () => {
    const few = measureRate({ [CPU]: '2' }, reading(Array.from({ length: 2 }, () => ({ [CPU]: '1' }))));
    const many = measureRate({ [CPU]: '2' }, reading(Array.from({ length: 6 }, () => ({ [CPU]: '1' }))));
    expect(savedPerHour(many)).toBeCloseTo(3 * savedPerHour(few), 12);
  });

  it('counts removed replicas at the original count', () => {
    const rate = measureRate({ replicas: 5 }, reading([{ [CPU]: '1' }, { [CPU]: '1' }, { [CPU]: '1' }]));
    expect(savedPerHour(rate)).toBeCloseTo(2 * 0.04, 12);
  });

  it('bounds the present count by the original minimum of an autoscaler', () => {
    expect(counterfactualReplicas({ 'hpa/web/minReplicas': 5 }, 3)).toBe(5);
    expect(counterfactualReplicas({ 'hpa/web/minReplicas': 5 }, 9)).toBe(9);
  });

  it('shows surge pods of a rollout as cost, not as savings', () => {
    const pods = [{ [CPU]: '1' }, { [CPU]: '2' }];
    expect(savedPerHour(measureRate({ [CPU]: '2' }, reading(pods, 1)))).toBeLessThan(0);
  });
});

describe('a booked interval', () => {
  const rate = (atMs: number, baseline: number, actual: number): SavingsRate => ({
    atMs,
    baselineUsdPerHour: baseline,
    actualUsdPerHour: actual,
    priceSource: 'default',
  });

  it('takes the lesser rate of its two ends', () => {
    const row = bookInterval('u', rate(0, 10, 4), rate(2 * HOUR, 10, 7));
    expect(row).toMatchObject({ key: 'u/0', baselineUsd: 20, actualUsd: 14, savedUsd: 6 });
  });

  it('is nothing where no time passed', () => {
    expect(bookInterval('u', rate(5, 1, 0), rate(5, 1, 0))).toBeUndefined();
  });

  it('always sums: what was saved is what it would have cost less what it did', () => {
    const usd = fc.double({ min: 0, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(usd, usd, usd, usd, fc.integer({ min: 1, max: 1e9 }), (b0, a0, b1, a1, ms) => {
        const row = bookInterval('u', rate(0, b0, a0), rate(ms, b1, a1));
        expect(row?.savedUsd).toBeCloseTo((row?.baselineUsd ?? 0) - (row?.actualUsd ?? 0), 6);
        const best = Math.max(b0 - a0, b1 - a1) * (ms / HOUR);
        expect(row?.savedUsd ?? 0).toBeLessThanOrEqual(best + 1e-6);
      }),
    );
  });
});

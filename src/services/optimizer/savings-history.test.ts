/** Savings over time: what was measured is shared out over days, and nothing is lost or counted twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { OwnedLedgerRow } from '#domain/ledger/ledger-store.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { savingsHistory } from './savings-history.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const owner = { uid: 'u', namespace: 'shop', name: 'web', workload: 'Deployment shop/web' };

function row(fromMs: number, toMs: number, savedUsd: number): OwnedLedgerRow {
  return { key: `u/${String(fromMs)}`, fromMs, toMs, baselineUsd: savedUsd * 2, actualUsd: savedUsd, savedUsd, priceSource: 'default', owner };
} // prettier-ignore

function optimization(status: CostOptimization['status']): CostOptimization {
  return {
    metadata: { name: 'o' },
    spec: { targetWorkload: { kind: 'Deployment', name: 'web' }, optimizationType: 'CPU' },
    ...(status === undefined ? {} : { status }),
  };
}

describe('the history of savings', () => {
  it('gives each day its share of a row, by time', () => {
    const rows = [row(NOW - 18 * HOUR_MS, NOW - 6 * HOUR_MS, 12)];
    const { daily, realized_savings: realized } = savingsHistory({
      fromMs: NOW - 2 * DAY_MS,
      toMs: NOW,
      rows,
      optimizations: [],
    });
    expect(realized).toBe(12);
    expect(daily).toEqual([
      { date: '2026-11-20', saved_usd: 6, baseline_usd: 12, actual_usd: 6 },
      { date: '2026-11-21', saved_usd: 6, baseline_usd: 12, actual_usd: 6 },
    ]);
  });

  it('sums to what the ledger booked within the period, whatever the rows', () => {
    const rows = fc.array(
      fc
        .tuple(
          fc.integer({ min: 0, max: 40 * 24 }),
          fc.integer({ min: 1, max: 72 }),
          fc.integer({ min: -500, max: 5000 }),
        )
        .map(([ago, hours, saved]) => row(NOW - (ago + hours) * HOUR_MS, NOW - ago * HOUR_MS, saved)),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(rows, (booked) => {
        const all = savingsHistory({ fromMs: 0, toMs: NOW, rows: booked, optimizations: [] });
        const sum = booked.reduce((total, { savedUsd }) => total + savedUsd, 0);
        expect(all.realized_savings).toBeCloseTo(sum, 1);
        const part = savingsHistory({
          fromMs: NOW - 10 * DAY_MS,
          toMs: NOW,
          rows: booked,
          optimizations: [],
        });
        const rest = savingsHistory({ fromMs: 0, toMs: NOW - 10 * DAY_MS, rows: booked, optimizations: [] });
        expect((part.realized_savings ?? 0) + (rest.realized_savings ?? 0)).toBeCloseTo(sum, 1);
      }),
    );
  });

  it('sets what was realised against what is still open', () => {
    const open = { id: 'r', optimizationType: 'right_size_cpu', currentCost: 100, optimizedCost: 27, monthlySavings: 73, confidenceScore: 1, riskLevel: 'LOW' as const, changes: {} };
    const optimizations = [
      optimization({ lastAnalysis: '2026-11-21T11:00:00Z', currentRecommendation: open }),
      optimization({ lastApplied: '2026-11-21T10:00:00Z' }),
      optimization(undefined),
    ];
    const rows = [row(NOW - 10 * HOUR_MS, NOW, 2.4)];
    expect(savingsHistory({ fromMs: NOW - DAY_MS, toMs: NOW, rows, optimizations })).toMatchObject({
      total_recommendations_generated: 2,
      recommendations_applied: 1,
      realized_savings: 2.4,
      potential_savings: 4.8,
      realization_rate: 50,
    });
  }); // prettier-ignore

  it('without a ledger is unknown, not zero', () => {
    const found = savingsHistory({ fromMs: 0, toMs: NOW, rows: undefined, optimizations: [] });
    expect(found).toMatchObject({
      realized_savings: null,
      potential_savings: null,
      realization_rate: null,
      daily: [],
    });
    expect(Object.keys(found.unknown ?? {})).toHaveLength(3);
  });
});

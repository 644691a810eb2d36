import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../allocation/allocate.ts';
import { sumParts } from '../allocation/allocation.ts';
import { anyCluster, GIB, nodeSpan, podSpan, START_MS } from '../allocation/testing.ts';
import { parseCsv } from '../cost/csv-rows.ts';
import { HOUR_MS } from '../units/duration.ts';
import { apportion } from './apportion.ts';
import { billionths, decimalText } from './decimal.ts';
import { FOCUS_COLUMNS, type FocusColumn, type FocusRow, SUMMED_COLUMNS } from './focus-columns.ts';
import { focusRows } from './focus-rows.ts';
import { focusCsv, focusJson } from './focus-text.ts';
import { originCharge } from './origin-charge.ts';

const OPTIONS = { billingAccountId: '123456789012', cluster: 'prod' };

const ALLOCATION = allocate({
  fromMs: START_MS,
  toMs: START_MS + HOUR_MS,
  nodes: [
    nodeSpan({
      name: 'n1',
      id: 'aws:///us-east-1a/i-0abc',
      isSpot: true,
      priceKey: 'm6i.xlarge/spot@us-east-1a',
      prices: { cpuUsdPerCoreHour: 0.03, memoryUsdPerGibHour: 0.004, source: 'node-price-list' },
    }),
  ],
  pods: [
    podSpan({
      name: 'a',
      labels: { team: 'r"ed' },
      owner: { kind: 'Deployment', name: 'web' },
      requests: { cpu: 1 },
    }),
    podSpan({ name: 'b', namespace: 'ml', requests: { cpu: 1, memory: 8 * GIB } }),
  ],
});

function sum(rows: readonly FocusRow[], column: FocusColumn): bigint {
  return rows.reduce((total, row) => total + BigInt(row[column] ?? 0), 0n);
}

describe('rounding to billionths', () => {
  it('writes decimals without exponents', () => {
    const texts = [0, 1, 0.1, -0.5, 1e-9, 4e-10, 123456789.000000001, 1e15].map((value) =>
      decimalText(billionths(value)),
    );
    expect(texts).toEqual(['0', '1', '0.1', '-0.5', '0.000000001', '0', '123456789', '1000000000000000']);
  });

  it('gives what is left over to the largest remainders', () => {
    expect(apportion(10n, [1, 1, 1])).toEqual([4n, 3n, 3n]);
    expect(apportion(100n, [0.626, 0.248, 0.126])).toEqual([63n, 25n, 12n]);
    expect(apportion(7n, [0, 0])).toEqual([0n, 7n]);
    expect(apportion(-10n, [1, 2, Number.NaN, -4])).toEqual([-3n, -7n, 0n, 0n]);
  });

  it('sums exactly, and no part is a unit away from its share', () => {
    const weight = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.constantFrom(0, Number.NaN, 5e-324),
    );
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.array(weight, { minLength: 1 }),
        (total, weights) => {
          const parts = apportion(total, weights);
          expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
          expect(parts.every((part) => part >= 0n)).toBe(true);
          const known = weights.map((each) => (Number.isFinite(each) ? each : 0));
          const whole = known.reduce((a, b) => a + b, 0);
          if (!(whole > 1e-300) || total > 10n ** 15n) return;
          parts.forEach((part, index) => {
            const share = Number(total) * ((known[index] ?? 0) / whole);
            expect(Math.abs(Number(part) - share)).toBeLessThanOrEqual(1 + 1e-9 * share);
          });
        },
      ),
    );
  });
});

describe('the FOCUS rows of a node', () => {
  const rows = focusRows(ALLOCATION, OPTIONS);

  it('are its pods and its idle, each with the columns of the node’s charge', () => {
    expect(rows.map(({ x_AllocatedResourceName: name }) => name)).toEqual(['a', 'b', '__idle__']);
    expect(rows[0]).toMatchObject({
      BillingAccountId: '123456789012', BillingCurrency: 'USD', ChargeCategory: 'Usage', ChargeClass: null,
      BillingPeriodStart: '2026-01-01T00:00:00Z', BillingPeriodEnd: '2026-02-01T00:00:00Z',
      ChargePeriodStart: '2026-01-31T09:00:00Z', ChargePeriodEnd: '2026-01-31T10:00:00Z',
      ProviderName: 'AWS', PricingCategory: 'Dynamic', PricingUnit: 'Hours', ResourceId: 'aws:///us-east-1a/i-0abc',
      ServiceCategory: 'Compute', ServiceSubcategory: 'Virtual Machines', SubAccountId: 'prod',
      SkuId: 'm6i.xlarge', SkuPriceId: 'm6i.xlarge/spot@us-east-1a', ListUnitPrice: billionths(4 * 0.03 + 16 * 0.004),
      x_Namespace: 'shop', x_WorkloadKind: 'Deployment', x_WorkloadName: 'web', x_PriceSource: 'node-price-list',
      x_AllocatedTags: '{"team":"r\\"ed"}', x_CpuCost: billionths(0.03), x_EnergyKwh: null,
    }); // prettier-ignore
    const copied = FOCUS_COLUMNS.filter(
      (column) => !column.startsWith('x_') && !SUMMED_COLUMNS.some((summed) => summed === column),
    );
    for (const column of copied) expect(new Set(rows.map((row) => row[column])).size).toBe(1);
  });

  it('tell the ratio and the amount that each was split by; the ratios sum to 1', () => {
    interface Details { readonly Elements: readonly { AllocatedRatio: number; UsageUnit: string; UsageQuantity?: number }[] }
    const details = rows.map((row) => JSON.parse(String(row.x_AllocatedMethodDetails)) as Details);
    const ratios = details.flatMap(({ Elements }) => Elements.map(({ AllocatedRatio }) => AllocatedRatio));
    expect(ratios.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(details[1]?.Elements).toMatchObject([
      { UsageUnit: 'Core-Hours', UsageQuantity: 1 },
      { UsageUnit: 'GiB-Hours', UsageQuantity: 8 },
    ]);
  }); // prettier-ignore

  it('carry energy and carbon where they are known; a pod that nobody measures has none', () => {
    const energy = new Map([
      ['n1', { kwh: 0.1, carbonKg: 0.04, origin: 'measured' as const, podKwh: new Map([['shop/a', 0.02]]) }],
    ]);
    const [a, b, idle] = focusRows(ALLOCATION, { ...OPTIONS, energy });
    expect([a, b, idle].map((row) => row?.x_EnergyKwh)).toEqual([billionths(0.02), null, billionths(0.08)]);
    expect([a, b, idle].map((row) => row?.x_CarbonKg)).toEqual([billionths(0.008), null, billionths(0.032)]);
    expect(idle?.x_PowerOrigin).toBe('measured');
  });

  it('sum exactly to the node’s charge in every column that is summed, whatever happens', () => {
    fc.assert(
      fc.property(anyCluster, (input) => {
        const allocation = allocate(input);
        const all = focusRows(allocation, OPTIONS);
        for (const share of allocation.nodes) {
          const { cost, hours, parts } = originCharge(share, OPTIONS);
          const own = all.filter((row) => row.ResourceName === share.node.name);
          for (const column of ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost'] as const) {
            expect(sum(own, column)).toBe(cost);
          }
          expect(sum(own, 'PricingQuantity')).toBe(hours);
          expect(sum(own, 'x_CpuCost')).toBe(parts.cpu);
          expect(sum(own, 'x_GpuCost')).toBe(parts.gpu);
          expect(Math.abs(Number(cost) / 1e9 - sumParts(share.usd))).toBeLessThanOrEqual(2e-9 + 1e-12 * sumParts(share.usd));
        }
        expect(all.every((row) => SUMMED_COLUMNS.every((column) => Number(row[column]) >= 0))).toBe(true);
      }),
      { numRuns: 200 },
    );
  }); // prettier-ignore
});

describe('FOCUS files', () => {
  const rows = focusRows(ALLOCATION, OPTIONS);

  it('have the same cells as CSV and as JSON', () => {
    const csv = parseCsv(focusCsv(rows));
    const json = JSON.parse(focusJson(rows)) as readonly Readonly<Record<string, unknown>>[];
    expect(csv.columns).toEqual([...FOCUS_COLUMNS]);
    expect(json).toHaveLength(rows.length);
    csv.rows.forEach(({ cells }, index) => {
      for (const column of FOCUS_COLUMNS) {
        const value = json[index]?.[column] ?? '';
        expect(cells[column]).toBe(typeof value === 'string' ? value : JSON.stringify(value));
      }
    });
  });

  it('of nothing are a header and an empty list', () => {
    expect(focusCsv([]).split(',')).toHaveLength(FOCUS_COLUMNS.length);
    expect(JSON.parse(focusJson([]))).toEqual([]);
  });
});

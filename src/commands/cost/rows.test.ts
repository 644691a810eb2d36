import { describe, expect, it } from 'vitest';
import { allocate } from '#domain/allocation/allocate.ts';
import { aggregate, type Grouping } from '#domain/allocation/aggregate.ts';
import type { PowerView } from '#domain/allocation/power-view.ts';
import { nodeSpan, podSpan, START_MS } from '#domain/allocation/testing.ts';
import type { CarbonIntensity } from '#domain/carbon/carbon-intensity.ts';
import { SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { type Bill, viewOf } from './bill.ts';
import { cellsOf, columnsOf, recordOf } from './rows.ts';
import { summaryOf } from './summary.ts';

const TIME = { fromMs: START_MS, toMs: START_MS + 2 * HOUR_MS };
const EVIDENCE = { origin: 'modelled', sources: ['utilisation-model'], atMs: TIME.toMs - 30_000 } as const;

const ALLOCATION = allocate({
  ...TIME,
  nodes: [nodeSpan({ name: 'n1', toMs: TIME.toMs })],
  pods: [
    podSpan({
      name: 'web-1',
      owner: { kind: 'Deployment', name: 'web' },
      toMs: TIME.toMs,
      requests: { cpu: 1 },
    }),
    podSpan({
      name: 'web-2',
      owner: { kind: 'Deployment', name: 'web' },
      toMs: TIME.toMs,
      requests: { cpu: 1 },
    }),
  ],
});

const POWER: PowerView = {
  pods: new Map([['shop/web-1', { ...EVIDENCE, watts: 20 }]]),
  nodes: new Map([['n1', { ...EVIDENCE, watts: 100, systemWatts: 80 }]]),
  problems: [],
};

function bill(more: Partial<Bill> = {}): Bill {
  const intensity: CarbonIntensity = { origin: 'constant', kgPerKwh: 0.5 };
  return {
    ...TIME,
    allocation: ALLOCATION,
    steps: () => [ALLOCATION],
    lastSecond: allocate({ ...TIME, fromMs: TIME.toMs - 1000, nodes: ALLOCATION.nodes.map(({ node }) => node), pods: ALLOCATION.pods.map(({ pod }) => pod) }),
    usageSource: 'test',
    power: POWER,
    carbon: { kgPerKwh: 0.5 },
    tariff: { rates: SEED_ENERGY_RATES, intensity },
    notes: [],
    ...more,
  };
} // prettier-ignore

const BY_WORKLOAD: Grouping = { by: 'workload' };

function recordsOf(each: Bill, grouping: Grouping) {
  const view = viewOf(each, { grouping, idle: 'separate' });
  return view.rows.map((row) => recordOf(row, each, { grouping, usdPerHour: view.usdPerHourOf(row) }));
}

describe('the record of a row', () => {
  it('has money of the time, the rate of now, and energy beside it', () => {
    const [web, idle] = recordsOf(bill(), BY_WORKLOAD);
    expect(web).toMatchObject({ namespace: 'shop', kind: 'Deployment', name: 'web', pods: 2, podsWithoutPower: 1, watts: 20, powerOrigin: 'modelled', powerAgeSeconds: 30 });
    expect(web?.['costUsd']).toBeCloseTo(4 * 0.04, 12);
    expect(web?.['usdPerMonth']).toBeCloseTo(2 * 0.04 * 730, 9);
    expect(web?.['kwh']).toBeCloseTo(0.04, 12);
    expect(web?.['carbonKg']).toBeCloseTo(0.02, 12);
    expect(web?.['electricityUsd']).toBeCloseTo(0.04 * 0.12, 12);
    expect(idle).toMatchObject({ namespace: '__idle__', kind: undefined, watts: 80 });
  }); // prettier-ignore

  it('leaves empty what is not known, and never writes it as zero', () => {
    const [web] = recordsOf(bill({ power: undefined }), BY_WORKLOAD);
    expect(web).toMatchObject({
      watts: undefined,
      kwh: undefined,
      electricityUsd: undefined,
      carbonKg: undefined,
    });
    const reasons = ['grid.csv has no carbon intensity'];
    const carbon = { kg: undefined, knownKg: 0, knownKwh: 0, unknownKwh: 1, reasons };
    const [dark] = recordsOf(bill({ carbon }), BY_WORKLOAD);
    expect(dark).toMatchObject({ carbonKg: undefined, carbonUsd: undefined });
    expect(dark?.['electricityUsd']).toBeCloseTo(0.04 * 0.12, 12);
  });
});

describe('the cells of a row', () => {
  it('mark figures that some pods are missing from as the least they can be', () => {
    const each = bill();
    const [web] = recordsOf(each, BY_WORKLOAD);
    const cells = cellsOf(web ?? {}, BY_WORKLOAD).map((cell) =>
      typeof cell === 'string' ? cell : cell.text,
    );
    expect(cells).toEqual([
      'shop', 'Deployment/web', '2', '0.1600', '0.00', '0.00', '0.1600', '58.40',
      '≥ 20.0', '≥ 0.040', '≥ 0.020', '≥ 0.0120', 'modelled, 30 s',
    ]); // prettier-ignore
    expect(columnsOf(BY_WORKLOAD)).toHaveLength(cells.length);
  });

  it('name what has no name of its own', () => {
    const grouping: Grouping = { by: 'label', label: 'team' };
    const names = recordsOf(bill(), grouping).map((record) => cellsOf(record, grouping)[0]);
    expect(names).toEqual([
      { text: '(without)', style: 'dim' },
      { text: 'idle', style: 'yellow' },
    ]);
    expect(columnsOf(grouping)[0]?.title).toBe('TEAM');
  });
});

describe('the lines under a bill', () => {
  it('tell its sum, its rate, and what its energy rests on', () => {
    const view = viewOf(bill(), { grouping: BY_WORKLOAD, idle: 'hidden' });
    const [money, energy] = summaryOf(view, bill());
    expect(money).toBe(
      '$0.4800 in 2h, of it $0.3200 idle that is not shown: $175.20 a month as it runs now. Usage: test.',
    );
    expect(energy).toContain('carbon at 0.5 kg/kWh');
    expect(aggregate(ALLOCATION, { grouping: BY_WORKLOAD, idle: 'hidden' }).rows).toHaveLength(1);
  });
});

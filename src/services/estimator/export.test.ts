import { afterEach, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { type BenchOptions, EstimatorBench } from './testing.ts';

const benches: EstimatorBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.stop();
});

async function benchOf(options: BenchOptions = {}): Promise<EstimatorBench> {
  const bench = new EstimatorBench(options);
  benches.push(bench);
  bench.start();
  await bench.clock.advance(10 * MINUTE_MS);
  return bench;
}

type Record_ = Readonly<Record<string, string>>;

function tableOf(text: string): readonly Record_[] {
  const [head = '', ...lines] = text.trimEnd().split('\r\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

const START = '?start=2026-11-21T10:00:00Z';

describe('exports of costs', () => {
  it('tell every pod and what no pod accounts for, and sum to the hour', async () => {
    const bench = await benchOf();
    const { text, headers } = await bench.ask(`GET /cost/export/csv${START}`);
    expect(headers['content-disposition']).toBe('attachment; filename="energy-costs.csv"');
    const rows = tableOf(text);
    expect(rows.map(({ node, pod }) => `${node ?? ''}/${pod ?? ''}`)).toEqual([
      'n1/ml-training-0',
      'n1/',
      'n2/web-5d69f8f4b7-x2x4z',
      'n2/batch-7',
      'n2/',
    ]);
    const sum = rows.reduce((all, row) => all + Number(row['total_usd']), 0);
    const { json } = await bench.ask(`GET /cost/hourly${START}`);
    expect(sum).toBeCloseTo((json as { total: { total_usd: number } }).total.total_usd, 12);
  });

  it('as FOCUS rows sum to the charge of each node exactly', async () => {
    const bench = await benchOf();
    const rows = tableOf((await bench.ask(`GET /cost/export/focus${START}&cluster=prod`)).text);
    const digits = (text: string | undefined): bigint => BigInt(Math.round(Number(text) * 1e9));
    const watts = { n1: 305, n2: 97.5 };
    for (const [node, drawn] of Object.entries(watts)) {
      const own = rows.filter(({ ResourceId }) => ResourceId === node);
      const kwh = (drawn * 600) / 3.6e6;
      const total = kwh * 0.12 * 2.3 + kwh * 0.05;
      expect(own.reduce((sum, row) => sum + digits(row['BilledCost']), 0n)).toBe(
        BigInt(Math.round(total * 1e9)),
      );
      expect(own.reduce((sum, row) => sum + digits(row['x_EnergyKwh']), 0n)).toBe(
        BigInt(Math.round(kwh * 1e9)),
      );
    }
    expect(rows[0]).toMatchObject({
      SubAccountId: 'prod',
      x_WorkloadName: 'ml-training',
      ConsumedUnit: 'kWh',
    });
    const { json } = await bench.ask(`GET /cost/export/focus${START}&format=json`);
    expect(json).toHaveLength(rows.length);
  });

  it('leave out charges whose carbon is not known, and count them', async () => {
    const atMs = Date.UTC(2026, 10, 20);
    const intensity = {
      origin: 'table',
      rows: [{ fromMs: atMs, kgPerKwh: 0.4 }],
      stepMs: HOUR_MS,
      name: 'grid',
    } as const;
    const bench = await benchOf({ intensity });
    const { text, headers } = await bench.ask(`GET /cost/export/focus${START}`);
    expect([tableOf(text).length, headers['x-unknown-charges']]).toEqual([0, '2']);
    const csv = tableOf((await bench.ask(`GET /cost/export/csv${START}`)).text);
    expect(csv[0]).toMatchObject({ total_usd: '', carbon_usd: '' });
    expect(Number(csv[0]?.['electricity_usd'])).toBeGreaterThan(0);
  });
});

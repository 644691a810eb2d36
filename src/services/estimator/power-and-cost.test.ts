import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { CostCurrentAnswer, CostHourlyAnswer, CostWorkloadAnswer } from '#apis/estimator-api/cost.ts';
import { PowerContainersAnswer, PowerCurrentAnswer, PowerNodesAnswer } from '#apis/estimator-api/power.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { BENCH_START_MS, type BenchOptions, EstimatorBench } from './testing.ts';

const benches: EstimatorBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.stop();
});

async function benchOf(options: BenchOptions = {}): Promise<EstimatorBench> {
  const bench = new EstimatorBench(options);
  benches.push(bench);
  bench.start();
  await bench.clock.advance(0);
  return bench;
}

async function get<T>(bench: EstimatorBench, url: string, schema: TSchema): Promise<T> {
  const { status, json } = await bench.ask(`GET ${url}`);
  expect([url, status]).toEqual([url, 200]);
  expect(Value.Errors(schema, json).slice(0, 3)).toEqual([]);
  return json as T;
}

/** The seed's formula for an hour, with its default rates. */
const seedCost = (watts: number): number => (watts / 1000) * 0.12 * (1 + 1.3) + (watts / 1000) * 0.05;

describe('the power endpoints', () => {
  it('answer the seed’s requests with watts, their origin and their age', async () => {
    const bench = await benchOf();
    const answer = await get<PowerCurrentAnswer>(
      bench,
      '/power/current?workload=ml-training&namespace=default',
      PowerCurrentAnswer,
    );
    expect(answer.data).toHaveLength(1);
    expect(answer.data[0]).toMatchObject({
      container_name: 'app',
      pod_name: 'ml-training-0',
      namespace: 'default',
      node_name: 'n1',
      power_watts: 300,
      active_watts: 250,
      idle_watts: 50,
      origin: 'measured',
      sources: ['kepler'],
      age_seconds: 5,
    });
    expect(answer).toMatchObject({ time_range: '5m', total: { power_watts: 300 }, next: null, problems: [] });
  });

  it('page through containers by keys, a hundred at a time by default', async () => {
    const bench = await benchOf();
    bench.power.stories = Array.from({ length: 250 }, (_none, index) => ({
      namespace: `team-${String(index % 3)}`, pod: `pod-${String(index)}`, node: 'n1', watts: index,
    })); // prettier-ignore
    await bench.clock.advance(15_000);
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
      const page: PowerContainersAnswer = await get(
        bench,
        `/power/containers${query}`,
        PowerContainersAnswer,
      );
      expect(page.total_count).toBe(250);
      seen.push(...page.containers.map(({ namespace, pod_name }) => `${namespace}/${pod_name}`));
      after = page.next;
    }
    expect(new Set(seen).size).toBe(250);
    const own = await get<PowerContainersAnswer>(
      bench,
      '/power/containers?namespace=team-1&limit=5',
      PowerContainersAnswer,
    );
    expect([own.count, own.total_count]).toEqual([5, 83]);
  });

  it('say null, and why, where nothing matches', async () => {
    const bench = await benchOf();
    const { total, data } = await get<PowerCurrentAnswer>(
      bench,
      '/power/current?namespace=none',
      PowerCurrentAnswer,
    );
    expect(data).toEqual([]);
    expect(total).toEqual({
      power_watts: null,
      unknown: { power_watts: 'no container that matches is known' },
    });
  });

  it('conserve: containers and system are the node, nodes the cluster', async () => {
    const bench = await benchOf();
    const { nodes, total } = await get<PowerNodesAnswer>(bench, '/power/nodes', PowerNodesAnswer);
    for (const node of nodes)
      expect(node.containers_watts + node.system_watts).toBeCloseTo(node.power_watts, 9);
    expect(total.power_watts).toBeCloseTo(
      nodes.reduce((sum, node) => sum + node.power_watts, 0),
      9,
    );
  });

  it('are a 503 with Retry-After while the source is down, and recover by themselves', async () => {
    const bench = await benchOf();
    bench.power.down = true;
    await bench.clock.advance(15_000);
    for (const url of [
      '/power/current',
      '/power/containers',
      '/power/nodes',
      '/cost/current',
      '/cost/workload/web',
    ]) {
      const { status, headers, json } = await bench.ask(`GET ${url}`);
      expect([status, headers['retry-after']]).toEqual([503, '10']);
      expect(json).toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
    }
    bench.power.down = false;
    await bench.clock.advance(2_000);
    expect((await bench.ask('GET /power/nodes')).status).toBe(200);
  });

  it('share one question to the source between all who ask', async () => {
    const bench = await benchOf();
    const before = bench.power.questions;
    await Promise.all(Array.from({ length: 50 }, () => bench.ask('GET /power/current')));
    expect(bench.power.questions).toBe(before);
    await Promise.all(Array.from({ length: 50 }, () => bench.ask('GET /power/current?time_range=10m')));
    expect(bench.power.questions).toBe(before + 1);
  });

  it('keep figures that cannot be true out, and say so', async () => {
    const bench = await benchOf();
    const [first, ...rest] = bench.power.stories;
    bench.power.stories = [
      { ...(first ?? { namespace: '', pod: '', node: '' }), watts: Number.NaN },
      ...rest,
    ];
    await bench.clock.advance(15_000);
    const { containers, problems } = await get<PowerContainersAnswer>(
      bench,
      '/power/containers',
      PowerContainersAnswer,
    );
    expect(containers).toHaveLength(2);
    expect(problems.map(({ reason }) => reason)).toContain('NotFinite');
  });
});

describe('the cost endpoints', () => {
  it('price the power of now by the formula of the seed, and the parts sum to the whole', async () => {
    const bench = await benchOf();
    const { cost, period } = await get<CostCurrentAnswer>(bench, '/cost/current', CostCurrentAnswer);
    expect(period).toBe('1 hour');
    expect(cost.power_watts).toBe(402.5);
    expect(cost.total_usd).toBeCloseTo(seedCost(402.5), 12);
    const parts = [...cost.namespaces, cost.system].reduce(
      (sum, part) => sum + (part?.total_usd ?? Number.NaN),
      0,
    );
    expect(parts).toBeCloseTo(cost.total_usd ?? 0, 12);
    expect(cost.formula).toMatchObject({
      electricity_usd_per_kwh: 0.12,
      cooling_factor: 1.3,
      carbon_usd_per_kg: 0.05,
    });
    const own = await get<CostCurrentAnswer>(bench, '/cost/current?namespace=default', CostCurrentAnswer);
    expect(own.cost).toMatchObject({ power_watts: 250 + 50 + 12.5 + 25, system: null });
  });

  it('tell what every hour cost and how much of it is known', async () => {
    const bench = await benchOf();
    await bench.clock.advance(HOUR_MS + 30 * MINUTE_MS);
    const answer = await get<CostHourlyAnswer>(
      bench,
      '/cost/hourly?start=2025-01-01T00:00:00Z',
      CostHourlyAnswer,
    );
    expect(answer.cost_analysis).toHaveLength(3);
    // The first snapshot stands for the quarter of a minute before the service began.
    const [before, first, second] = answer.cost_analysis;
    expect(before?.coverage).toBeCloseTo(15 / 3600, 9);
    expect(first).toMatchObject({ start: '2026-11-21T10:00:00.000Z', coverage: 1, origin: 'measured' });
    expect(first?.energy_kwh).toBeCloseTo(0.4025, 9);
    expect(first?.total_usd).toBeCloseTo(seedCost(402.5), 9);
    expect(second).toMatchObject({ end: '2026-11-21T11:30:00.000Z', coverage: 1 });
    expect(second?.power_watts).toBeCloseTo(402.5, 9);
    expect(answer.total.hours_unknown).toBeGreaterThan(16_000);
    expect(answer.period.start).toBe('2025-01-01T00:00:00.000Z');
  });

  it('leave hours that nobody looked at null', async () => {
    const bench = await benchOf();
    await bench.ask('POST /collect/stop');
    await bench.clock.advance(2 * HOUR_MS);
    await bench.ask('POST /collect/start');
    await bench.clock.advance(HOUR_MS);
    const { cost_analysis } = await get<CostHourlyAnswer>(bench, '/cost/hourly', CostHourlyAnswer);
    const dark = cost_analysis.find(({ start }) => start === '2026-11-21T11:00:00.000Z');
    expect(dark).toMatchObject({ total_usd: null, energy_kwh: null, coverage: 0 });
    expect(dark?.unknown?.['total_usd']).toMatch(/did not run/);
  });

  it('break a workload down by container, hour and part; it goes by its name', async () => {
    const bench = await benchOf();
    await bench.clock.advance(HOUR_MS);
    for (const id of ['web', 'default:web', 'Deployment:default:web', 'web-5d69f8f4b7-x2x4z']) {
      const { cost_breakdown: cost, namespace } = await get<CostWorkloadAnswer>(
        bench,
        `/cost/workload/${id}`,
        CostWorkloadAnswer,
      );
      expect(namespace).toBe('default');
      expect(cost.current_hour.power_watts).toBe(37.5);
      const { cpu, idle } = cost.by_part;
      expect((cpu?.total_usd ?? 0) + (idle?.total_usd ?? 0)).toBeCloseTo(cost.total.total_usd ?? 0, 12);
      expect(cost.containers.map(({ pod_name }) => pod_name)).toEqual(['web-5d69f8f4b7-x2x4z']);
    }
    expect((await bench.ask('GET /cost/workload/nothing')).status).toBe(404);
    bench.power.stories = [...bench.power.stories, { namespace: 'test', pod: 'web-0', node: 'n1', watts: 1 }];
    await bench.clock.advance(15_000);
    const twice = await bench.ask('GET /cost/workload/web');
    expect([twice.status, twice.json]).toMatchObject([422, { field: 'path.workload_id' }]);
    expect((await bench.ask('GET /cost/workload/web?namespace=test')).status).toBe(200);
  });

  it('fill the past in from the source', async () => {
    const bench = await benchOf({ backfillMs: 3 * HOUR_MS });
    bench.power.pastFromMs = BENCH_START_MS - 2 * HOUR_MS;
    await bench.clock.advance(5 * MINUTE_MS);
    const { cost_analysis, total } = await get<CostHourlyAnswer>(bench, '/cost/hourly', CostHourlyAnswer);
    expect(cost_analysis[0]).toMatchObject({ start: '2026-11-21T08:00:00.000Z', coverage: 1 });
    expect(total.power_watts).toBeCloseTo(402.5, 9);
  });
});

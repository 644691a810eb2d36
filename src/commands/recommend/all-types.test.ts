/** The table on a cluster where every kind of recommendation is due, and the API's answer to the same. */
import type { Static } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import type { RecommendationsAnswer } from '#apis/optimizer-api/recommendation.ts';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { NODES } from '#kube/client/builtin-types.ts';
import { recommendWorkloads, type RecommendOptions } from '#services/optimizer/recommend-workloads.ts';
import { ServiceBench } from '#services/optimizer/testing.ts';
import { readSnapshot } from '#services/recommendations/cluster-snapshot.ts';
import type { FlatRecord } from '../terminal/output.ts';
import { cellsOf, sortedRecords, summaryOf } from './rows.ts';

const NODE_PRICES = { 'm6i.2xlarge': 0.384, 'm6i.2xlarge/spot': 0.12 };
const GIB = 2 ** 30;

function node(name: string, capacity: 'spot' | 'on-demand'): Node {
  const amounts = { cpu: '8', memory: '32Gi', pods: '110' };
  const labels = {
    'node.kubernetes.io/instance-type': 'm6i.2xlarge',
    'karpenter.sh/capacity-type': capacity,
  };
  return {
    metadata: { name, labels },
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

type RecommendationsBody = Static<typeof RecommendationsAnswer>;

describe('the findings of a cluster', () => {
  let bench: ServiceBench;

  afterEach(() => {
    bench.stop();
  });

  /** One of each: too large, busy by day, idle, without usage, and one of the system. */
  async function start(): Promise<void> {
    bench = new ServiceBench({ nodePrices: NODE_PRICES });
    for (const one of [node('a', 'on-demand'), node('b', 'spot'), node('c', 'spot')])
      await bench.client.create(NODES, one);
    for (const name of ['large', 'daily', 'idle', 'silent']) await bench.addDeployment('shop', name, 6);
    await bench.addDeployment('kube-system', 'dns', 6);
    bench.usage.stories.set('shop/large', { cpuCores: 0.5, memoryBytes: GIB });
    bench.usage.stories.set('shop/daily', { cpuCores: 1.6, memoryBytes: 3.4 * GIB, nightShare: 0.1 });
    bench.usage.stories.set('shop/idle', { cpuCores: 0.0001, memoryBytes: 0.01 * GIB, spread: 0 });
    bench.usage.stories.set('kube-system/dns', { cpuCores: 0.5, memoryBytes: GIB });
    await bench.start();
  }

  async function records(type: RecommendOptions['type'] = 'ALL'): Promise<readonly FlatRecord[]> {
    const snapshot = await readSnapshot(bench.client, undefined);
    const prices = { base: DEFAULT_PRICES, nodes: NODE_PRICES };
    const options = { usage: bench.usage, nowMs: bench.clock.now(), window: '7d', type, prices };
    return sortedRecords(await recommendWorkloads(snapshot, options));
  }

  const of = (all: readonly FlatRecord[], name: string) => all.filter((record) => record['name'] === name);

  it('have a row per workload, and one for each other way to save', async () => {
    await start();
    const all = await records();
    expect(of(all, 'large').map(({ type, alternative }) => [type, alternative])).toEqual([
      ['right_size_cpu+right_size_memory', false],
      ['spot_migration', true],
    ]);
    expect(of(all, 'idle').map(({ type }) => type)).toContain('delete_unused');
    expect(of(all, 'silent')[0]).toMatchObject({
      type: undefined,
      note: expect.stringMatching(/^unknown: /) as string,
    });
    expect(of(all, 'dns')[0]).toMatchObject({ note: expect.stringMatching(/^left alone: /) as string });
    for (const record of all) expect(cellsOf(record)).toHaveLength(13);
  });

  it('are those of the API, with the same savings', async () => {
    await start();
    const all = await records();
    const { json } = await bench.ask('GET /recommendations?min_confidence=0&limit=1000');
    const { recommendations } = json as RecommendationsBody;
    const ofApi = recommendations.map((one) => `${one.workload_name} ${one.optimization_type}`);
    const ours = all.flatMap(({ name, type }) =>
      type === undefined
        ? []
        : String(type)
            .split('+')
            .map((each) => `${String(name)} ${each}`),
    );
    expect([...ours].sort()).toEqual([...ofApi].sort());
  });

  it('count what can be had at once, and not what is left alone or only reported', async () => {
    await start();
    const all = await records();
    const counted = all.reduce((sum, record) => sum + Number(record['savesTogetherUsdPerMonth'] ?? 0), 0);
    const best = of(all, 'large').map(({ savesUsdPerMonth }) => Number(savesUsdPerMonth));
    expect(of(all, 'large')[0]?.['savesTogetherUsdPerMonth']).toBeCloseTo(Math.max(...best), 1);
    expect(summaryOf(all)).toContain(`saving $${counted.toFixed(2)} a month; 1 left alone, 0 unknown`);
  });

  it('are of one kind where that is asked for, with what keeps it from being known', async () => {
    await start();
    const spot = await records('SPOT_INSTANCES');
    expect(spot).toHaveLength(5);
    expect(of(spot, 'large')).toMatchObject([{ type: 'spot_migration', alternative: false }]);
    const scheduled = await records('SCHEDULED_SCALING');
    expect(of(scheduled, 'daily')).toMatchObject([{ type: 'scheduled_scaling' }]);
    expect(of(scheduled, 'silent')).toMatchObject([{ note: expect.stringMatching(/^unknown: /) as string }]);
  });
});

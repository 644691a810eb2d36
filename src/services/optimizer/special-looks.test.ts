/** Spot nodes and scaling by the clock, as the service recommends them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Node } from '#apis/kubernetes/builtin.ts';
import type { OptimizeAnswer } from '#apis/optimizer-api/analysis.ts';
import { NODES } from '#kube/client/builtin-types.ts';
import { ServiceBench } from './testing.ts';

const TYPE = 'node.kubernetes.io/instance-type';
const CAPACITY = 'karpenter.sh/capacity-type';

function node(name: string, capacity: 'spot' | 'on-demand'): Node {
  const amounts = { cpu: '8', memory: '32Gi', pods: '110' };
  return {
    metadata: { name, labels: { [TYPE]: 'm6i.2xlarge', [CAPACITY]: capacity } },
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

async function recommendationsFor(bench: ServiceBench, type: string): Promise<OptimizeAnswer> {
  const { json, status } = await bench.ask('POST /optimize/Deployment:shop:web', {
    optimization_types: [type],
    min_confidence: 0,
    max_risk_level: 'CRITICAL',
  });
  expect(status).toBe(200);
  return json as OptimizeAnswer;
}

describe('a special look', () => {
  let bench: ServiceBench;

  afterEach(() => {
    bench.stop();
  });

  const withNodes = async (nodes: readonly Node[]): Promise<void> => {
    bench = new ServiceBench({ nodePrices: { 'm6i.2xlarge': 0.384, 'm6i.2xlarge/spot': 0.12 } });
    for (const one of nodes) await bench.client.create(NODES, one);
    await bench.addDeployment('shop', 'web', 6);
    bench.usage.stories.set('shop/web', { cpuCores: 1.5, memoryBytes: 3 * 2 ** 30 });
    await bench.start();
  };

  it('recommends spot nodes where there are some, under either of its names', async () => {
    await withNodes([node('a', 'on-demand'), node('b', 'spot'), node('c', 'spot')]);
    for (const name of ['spot_migration', 'spot_instances']) {
      const { recommendations } = await recommendationsFor(bench, name);
      expect(recommendations).toHaveLength(1);
      const [found] = recommendations;
      expect(found).toMatchObject({
        optimization_type: 'spot_migration',
        implementation_complexity: 'medium',
      });
      expect(Object.keys(found?.changes ?? {}).every((path) => path.startsWith('placement/'))).toBe(true);
      const { current_cost: now, optimized_cost: then, monthly_savings: saved } = found ?? {};
      expect(saved).toBeGreaterThan(0);
      expect((now?.monthly ?? 0) - (then?.monthly ?? 0)).toBeCloseTo(saved ?? Number.NaN, 1);
    }
  });

  it('does not know of spot where no node is spot, and says so', async () => {
    await withNodes([node('a', 'on-demand')]);
    const { recommendations, analyses } = await recommendationsFor(bench, 'spot_migration');
    expect(recommendations).toEqual([]);
    expect(analyses).toMatchObject([
      { optimization_type: 'SPOT_INSTANCES', outcome: 'unknown', reason: 'NoSpotCapacity' },
    ]);
  });

  it('recommends a schedule for what is busy by day and idle by night', async () => {
    bench = new ServiceBench();
    await bench.addDeployment('shop', 'web', 6);
    bench.usage.stories.set('shop/web', { cpuCores: 1.3, memoryBytes: 2 ** 30, nightShare: 0.1 });
    await bench.start();
    const { recommendations, analyses } = await recommendationsFor(bench, 'scheduled_scaling');
    expect(analyses).toMatchObject([{ optimization_type: 'SCHEDULED_SCALING', outcome: 'wanted' }]);
    const [found] = recommendations;
    expect(found).toMatchObject({ optimization_type: 'scheduled_scaling' });
    const { current_cost: now, optimized_cost: then, monthly_savings: saved } = found ?? {};
    expect((now?.monthly ?? 0) - (then?.monthly ?? 0)).toBeCloseTo(saved ?? Number.NaN, 1);
  });
});

/** Moves to spot nodes and back, in a cluster whose spot nodes are taken away. */
import { afterEach, describe, expect, it } from 'vitest';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS, NODES, PODS } from '#kube/client/builtin-types.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import {
  exampleOptimization,
  exampleWorkloads,
  type LoopRig,
  specOf,
  startLoop,
  stored,
} from './loop-rig.ts';

const WORKLOAD = 'batch-processor';
const CAPACITY = 'karpenter.sh/capacity-type';
const USAGE = { [WORKLOAD]: '{ preset: batch, cpu: { cores: 6 }, memory: { base: 1Gi } }' };
/** On-demand and spot prices of one instance type, USD per hour. */
const LIST = { 'm6i.4xlarge': 0.768, 'm6i.4xlarge/spot': 0.2804 };

let rig: LoopRig;

afterEach(() => {
  expect(rig.operator.failure).toBeUndefined();
  rig.supervisor.stop();
  rig.cluster.world.stop();
});

async function start(nodes: Readonly<Record<string, number>> = LIST): Promise<void> {
  rig = await startLoop({
    workloads: exampleWorkloads(USAGE).filter(({ metadata }) => metadata?.name === WORKLOAD),
    historyDays: 1,
    nodes: [
      ...nodesOf({ instanceType: 'm6i.4xlarge', count: 4 }),
      ...nodesOf({ instanceType: 'm6i.4xlarge', count: 4, capacityType: 'spot' }),
    ],
    operator: { settings: { prices: { base: DEFAULT_PRICES, nodes } } },
  });
}

/** Kept away from spot nodes until it is moved: pods that land there by chance would prove nothing. */
async function create(spec: Partial<CostOptimization['spec']> = {}): Promise<string> {
  const example = exampleOptimization('spot-instance-optimization.yaml');
  const optimization = { ...example, spec: { ...example.spec, ...spec } };
  await rig.cluster.now(rig.cluster.client.create(COST_OPTIMIZATIONS, optimization));
  return example.metadata.name ?? '';
}

const untilPhase = (name: string, phase: string, limitMs = HOUR_MS): Promise<boolean> =>
  rig.cluster.until(() => stored(rig, name).status?.phase === phase, limitMs);

const untilVerified = (name: string): Promise<boolean> =>
  rig.cluster.until(() => stored(rig, name).status?.verification?.result === 'Passed', 2 * HOUR_MS);

function podsByCapacity(): { spot: number; onDemand: number } {
  const spotNodes = new Set(
    rig.cluster.stored(NODES).flatMap(({ metadata }) => metadata?.labels?.[CAPACITY] === 'spot' ? [metadata.name] : []),
  ); // prettier-ignore
  const pods = rig.cluster
    .stored(PODS, 'default')
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  const spot = pods.filter((pod) => spotNodes.has(pod.spec?.nodeName ?? '')).length;
  return { spot, onDemand: pods.length - spot };
}

const applied = { dryRun: false, autoApply: true, maxChangePercent: 80 } as const;

describe('spot-instance-optimization.yaml', () => {
  it('shows what spot nodes would save and changes nothing', async () => {
    await start();
    const before = specOf(rig, WORKLOAD);
    const name = await create();
    expect(await untilPhase(name, 'Ready')).toBe(true);
    const { currentRecommendation: found, decision } = stored(rig, name).status ?? {};
    expect(found).toMatchObject({
      optimizationType: 'spot_migration',
      changes: { node_preference: `${CAPACITY} In spot`, node_spread: `${CAPACITY} maxSkew 6` },
      blockedBy: expect.arrayContaining(['DryRun: dryRun is on']) as unknown,
    });
    expect(found?.monthlySavings).toBeGreaterThan(100);
    expect(decision?.inputs.map((input) => input.name)).toContain('a pod on spot nodes');
    await rig.cluster.world.clock.runFor(2 * HOUR_MS);
    expect(specOf(rig, WORKLOAD)).toEqual(before);
  });

  it('moves eight of ten pods, keeps two on-demand, books what they save, and gives all back', async () => {
    await start();
    const before = specOf(rig, WORKLOAD);
    const name = await create(applied);
    expect(await untilPhase(name, 'Applied')).toBe(true);
    expect(podsByCapacity()).toEqual({ spot: 8, onDemand: 2 });
    expect(await untilVerified(name)).toBe(true);
    await rig.cluster.world.clock.runFor(HOUR_MS);
    const { status } = stored(rig, name);
    expect(status?.spot).toMatchObject({ provider: 'karpenter', onSpot: 8, onDemand: 2, interruptions: [] });
    // Eight of ten pods at the spot price, measured where they run.
    expect(status?.realizedSavings?.monthlyUsd).toBeGreaterThan(100);
    expect(status?.totalSavings).toBe(status?.realizedSavings?.monthlyUsd);
    await rig.cluster.now(rig.cluster.client.delete(COST_OPTIMIZATIONS, { namespace: 'default', name }));
    expect(await rig.cluster.until(() => rig.cluster.stored(COST_OPTIMIZATIONS).length === 0, HOUR_MS)).toBe(
      true,
    );
    expect(specOf(rig, WORKLOAD)).toEqual(before);
  });

  it('claims nothing where spot prices are not known', async () => {
    await start({ 'm6i.4xlarge': 0.768 });
    const name = await create(applied);
    const known = () => stored(rig, name).status?.lastAnalysis !== undefined;
    expect(await rig.cluster.until(known, HOUR_MS)).toBe(true);
    const { status } = stored(rig, name);
    expect(status?.currentRecommendation).toBeUndefined();
    expect(status?.conditions?.find(({ type }) => type === 'Analyzed')).toMatchObject({
      status: 'Unknown',
      reason: 'SpotPriceUnknown',
    });
  });
});

describe('interruptions', () => {
  const interruptOne = async (): Promise<void> => {
    const host = rig.cluster.stored(PODS, 'default').find(({ spec }) => spec?.nodeName?.includes('spot'))
      ?.spec?.nodeName;
    rig.cluster.world.fleet.interruptNode(host ?? '');
    await rig.cluster.world.clock.runFor(12 * MINUTE_MS);
  };

  it('are counted and endured as long as they are few', async () => {
    await start();
    const name = await create(applied);
    expect(await untilPhase(name, 'Applied')).toBe(true);
    expect(await untilVerified(name)).toBe(true);
    await interruptOne();
    const { status } = stored(rig, name);
    expect(status?.spot?.interruptions).toHaveLength(1);
    expect(status?.phase).toBe('Applied');
    expect(podsByCapacity().onDemand).toBeGreaterThanOrEqual(2);
  });

  it('above the bound take the workload back to on-demand nodes, where it rests', async () => {
    await start();
    const before = specOf(rig, WORKLOAD);
    const name = await create({ ...applied, spot: { maxInterruptionsPerDay: 1 } });
    expect(await untilPhase(name, 'Applied')).toBe(true);
    expect(await untilVerified(name)).toBe(true);
    await interruptOne();
    await interruptOne();
    expect(await untilPhase(name, 'RolledBack')).toBe(true);
    expect(stored(rig, name).status?.regressions?.[0]).toMatchObject({ reason: 'Interrupted' });
    expect(specOf(rig, WORKLOAD)).toEqual(before);
    await rig.cluster.world.clock.runFor(DAY_MS / 2);
    expect(specOf(rig, WORKLOAD)).toEqual(before);
    expect(rig.cluster.stored(DEPLOYMENTS)[0]?.status?.readyReplicas).toBe(10);
  });
});

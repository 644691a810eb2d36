/** Spot nodes and scaling by the clock on a real API server, scheduler and controllers: from creation to exact restoration. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NODES, PODS } from '#kube/client/builtin-types.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { whyNoControlPlane } from '../testenv/binaries.ts';
import { type RealCluster, startRealCluster } from '../testenv/fleet/real-cluster.ts';
import { type InstalledOperator, installOperator } from '../testenv/operator/installed-operator.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { removeAtExit } from '../testenv/processes/reaper.ts';
import { skipReason } from '../testenv/real-components.ts';

const STEP_MS = 5 * MINUTE_MS;
const HISTORY_MS = 15 * DAY_MS;
const CAPACITY = 'karpenter.sh/capacity-type';
const USAGE: Readonly<Record<string, string>> = {
  'batch-processor': '{ preset: batch, cpu: { cores: 6 }, memory: { base: 1Gi } }',
  'api-gateway': '{ preset: daily-service, cpu: { cores: 0.3 }, memory: { base: 200Mi } }',
};
/** On-demand and spot prices of one instance type, USD per hour. */
const PRICES = 'm6i.4xlarge: 0.768\nm6i.4xlarge/spot: 0.2804\n';

function documents(file: string): readonly object[] {
  const text = readFileSync(new URL(`../../deploy/examples/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as object);
}

/** The example with what a test cannot wait for made short. */
function example(file: string, spec: Partial<CostOptimization['spec']>): string {
  const [object] = documents(file) as CostOptimization[];
  return stringify({ ...object, spec: { ...object?.spec, verificationWindow: '5s', ...spec } });
}

function workloads(): string {
  const wanted = (documents('test-workloads.yaml') as Deployment[]).filter(
    ({ metadata }) => (metadata?.name ?? '') in USAGE,
  );
  for (const { metadata, spec } of wanted) {
    const template = spec?.template as { metadata: { annotations?: object } };
    template.metadata.annotations = { 'playground.kcloud.io/usage': USAGE[metadata?.name ?? ''] };
  }
  return wanted.map((workload) => stringify(workload)).join('---\n');
}

/** The hour of the day in which `atMs` falls, as a window states it. */
const hourOf = (atMs: number): string => `${String(new Date(atMs).getUTCHours()).padStart(2, '0')}:00`;

const TITLE = 'spot nodes and schedules on a real API server';

describe.skipIf(skipReason(TITLE, whyNoControlPlane()))(TITLE, () => {
  let cluster: RealCluster;
  let operator: InstalledOperator;
  const client = () => cluster.controlPlane.client;
  const kubectl = (args: readonly string[], input?: string) =>
    cluster.controlPlane.kubectl(args, input === undefined ? {} : { input });

  beforeAll(async () => {
    const nowMs = Date.now();
    cluster = await startRealCluster({
      nodes: [
        ...nodesOf({ instanceType: 'm6i.4xlarge', count: 4 }),
        ...nodesOf({ instanceType: 'm6i.4xlarge', count: 4, capacityType: 'spot' }),
      ],
      past: { sinceMs: nowMs - HISTORY_MS, beforeMs: nowMs + 5 * MINUTE_MS },
    });
    await kubectl(['apply', '--filename=-'], workloads());
    await kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '--timeout=60s']);
    const toMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const history = cluster.fleet.pastUsage({ fromMs: toMs - HISTORY_MS, toMs, stepMs: STEP_MS });
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-prices-'));
    removeAtExit(folder);
    const prices = join(folder, 'prices.yaml');
    writeFileSync(prices, PRICES);
    operator = await installOperator(cluster.controlPlane, history, [`--price-list=${prices}`]);
  });

  afterAll(async () => {
    await operator.stop();
    await cluster.stop();
  });

  const workload = (name: string) => client().get(DEPLOYMENTS, { namespace: 'default', name });
  const status = async (name: string) =>
    (await client().get(COST_OPTIMIZATIONS, { namespace: 'default', name })).status;

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await eventually(what, isSo, { evidence: () => operator.process().tail() });
  }

  const untilVerified = (name: string): Promise<void> =>
    until(`${name} to be verified`, async () => (await status(name))?.verification?.result === 'Passed');

  async function podsByCapacity(app: string): Promise<{ readonly spot: number; readonly onDemand: number }> {
    const nodes = (await client().list(NODES)).items.filter(
      ({ metadata }) => metadata?.labels?.[CAPACITY] === 'spot',
    );
    const spotNodes = new Set(nodes.map(({ metadata }) => metadata?.name ?? ''));
    const { items } = await client().list(PODS, { namespace: 'default', labelSelector: `app=${app}` });
    const living = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const spot = living.filter(({ spec }) => spotNodes.has(spec?.nodeName ?? '')).length;
    return { spot, onDemand: living.length - spot };
  }

  /** Deletes it; the workload is then as it was, and nothing of ours is left. */
  async function removeAndCompare(name: string, before: Deployment): Promise<void> {
    await kubectl(['delete', 'costoptimization', name, '--timeout=90s']);
    const after = await workload(before.metadata?.name ?? '');
    expect(after.spec).toEqual(before.spec);
    const plan = Object.keys(after.metadata?.annotations ?? {}).filter((key) => key.includes('scaling-plan'));
    expect(plan).toEqual([]);
    const { items } = await client().list(CONFIG_MAPS, { namespace: 'default' });
    expect(items.filter(({ metadata }) => metadata?.name?.endsWith('rollback-state'))).toEqual([]);
    await kubectl(['rollout', 'status', `deployment/${before.metadata?.name ?? ''}`, '--timeout=60s']);
  }

  it('shows what spot nodes would save, as the example is written, and changes nothing', async () => {
    const before = await workload('batch-processor');
    await kubectl(['apply', '--filename=-'], example('spot-instance-optimization.yaml', {}));
    await until('a recommendation', async () => (await status('optimize-batch-spot'))?.phase === 'Ready');
    const found = (await status('optimize-batch-spot'))?.currentRecommendation;
    expect(found?.optimizationType).toBe('spot_migration');
    expect(found?.monthlySavings).toBeGreaterThan(100);
    expect((await workload('batch-processor')).spec).toEqual(before.spec);
    await removeAndCompare('optimize-batch-spot', before);
  });

  it('moves pods to spot nodes, keeps some on demand, and gives all back', async () => {
    const before = await workload('batch-processor');
    const applied = { dryRun: false, autoApply: true, maxChangePercent: 80 };
    await kubectl(['apply', '--filename=-'], example('spot-instance-optimization.yaml', applied));
    await untilVerified('optimize-batch-spot');
    const { spot, onDemand } = await podsByCapacity('batch-processor');
    expect(spot + onDemand).toBe(10);
    expect(spot).toBeGreaterThanOrEqual(6);
    expect(onDemand).toBeGreaterThanOrEqual(2);
    expect((await status('optimize-batch-spot'))?.spot).toMatchObject({
      provider: 'karpenter',
      interruptions: [],
    });
    await removeAndCompare('optimize-batch-spot', before);
  });

  it('scales by the clock within a window, through a crash, and gives all back', async () => {
    const before = await workload('api-gateway');
    const windows = [
      { from: hourOf(Date.now() - HOUR_MS), to: hourOf(Date.now() + 3 * HOUR_MS), replicas: 2 },
    ];
    const now = example('scheduled-scaling.yaml', {
      timeZone: 'UTC',
      scaling: { windows },
      minConfidence: 0.3,
    });
    await kubectl(['apply', '--filename=-'], now);
    await until('two replicas', async () => (await workload('api-gateway')).spec?.replicas === 2);
    await operator.restart();
    await until(
      'it to be applied',
      async () => (await status('optimize-gateway-nights'))?.phase === 'Applied',
    );
    expect((await workload('api-gateway')).spec).toEqual({ ...before.spec, replicas: 2 });
    await removeAndCompare('optimize-gateway-nights', before);
  });
});

/** The examples on a real API server, with the operator installed as its manifests say and under its own rights. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PODS } from '#kube/client/builtin-types.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { whyNoControlPlane } from '../testenv/binaries.ts';
import { type RealCluster, startRealCluster } from '../testenv/fleet/real-cluster.ts';
import { type InstalledOperator, installOperator } from '../testenv/operator/installed-operator.ts';
import { eventually } from '../testenv/processes/eventually.ts';
import { skipReason } from '../testenv/real-components.ts';

const STEP_MS = 5 * MINUTE_MS;
const HISTORY_MS = 15 * DAY_MS;
const USAGE: Readonly<Record<string, string>> = {
  'frontend-web': '{ preset: daily-service, cpu: { cores: 1.5 }, memory: { base: 600Mi } }',
  'api-gateway': '{ preset: daily-service, cpu: { cores: 0.8 }, memory: { base: 300Mi } }',
  'batch-processor': '{ preset: batch, cpu: { cores: 6 }, memory: { base: 1Gi } }',
  'microservice-analytics': '{ preset: daily-service, cpu: { cores: 0.6 }, memory: { base: 300Mi } }',
};

function documents(file: string): readonly object[] {
  const text = readFileSync(new URL(`../../deploy/examples/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as object);
}

/** A window that a test can wait for. */
function example(file: string): string {
  const [object] = documents(file) as CostOptimization[];
  return stringify({ ...object, spec: { ...object?.spec, verificationWindow: '5s' } });
}

function testWorkloads(): string {
  const workloads = documents('test-workloads.yaml') as Deployment[];
  for (const workload of workloads) {
    const template = workload.spec?.template as { metadata: { annotations?: object } };
    template.metadata.annotations = { 'playground.kcloud.io/usage': USAGE[workload.metadata?.name ?? ''] };
  }
  return workloads.map((workload) => stringify(workload)).join('---\n');
}

const reason = skipReason('the examples on a real API server', whyNoControlPlane());

describe.skipIf(reason !== undefined)('the examples on a real API server', () => {
  let cluster: RealCluster;
  let operator: InstalledOperator;
  const kubectl = (args: readonly string[], input?: string) =>
    cluster.controlPlane.kubectl(args, input === undefined ? {} : { input });
  const client = () => cluster.controlPlane.client;

  beforeAll(async () => {
    const nowMs = Date.now();
    cluster = await startRealCluster({
      nodes: nodesOf({ instanceType: 'm6i.4xlarge', count: 6 }),
      past: { sinceMs: nowMs - HISTORY_MS, beforeMs: nowMs + 5 * MINUTE_MS },
    });
    await kubectl(['apply', '--filename=-'], testWorkloads());
    await kubectl(['wait', '--for=condition=Available', 'deployment', '--all', '--timeout=60s']);
    const toMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const history = cluster.fleet.pastUsage({ fromMs: toMs - HISTORY_MS, toMs, stepMs: STEP_MS });
    operator = await installOperator(cluster.controlPlane, history);
  });

  afterAll(async () => {
    await operator.stop();
    await cluster.stop();
  });

  const status = async (name: string) =>
    (await client().get(COST_OPTIMIZATIONS, { namespace: 'default', name })).status;
  const spec = async (name: string) => (await client().get(DEPLOYMENTS, { namespace: 'default', name })).spec;

  async function sizes(app: string): Promise<readonly unknown[]> {
    const { items } = await client().list(PODS, { namespace: 'default', labelSelector: `app=${app}` });
    return items
      .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
      .map((pod) => pod.spec?.containers[0]?.resources);
  }

  async function until(
    what: string,
    name: string,
    isSo: (found: CostOptimization['status']) => boolean,
  ): Promise<void> {
    await eventually(what, async () => isSo(await status(name)), {
      evidence: () => operator.process().tail(),
    });
  }

  async function remove(name: string): Promise<void> {
    await kubectl(['delete', 'costoptimization', name, '--timeout=60s']);
    const { items } = await client().list(CONFIG_MAPS, { namespace: 'default' });
    expect(items.filter(({ metadata }) => metadata?.name?.endsWith('rollback-state'))).toEqual([]);
  }

  it('shows what CPU the front end needs and changes nothing', async () => {
    const before = [await spec('frontend-web'), await sizes('frontend-web')];
    await kubectl(['apply', '--filename=-'], example('cpu-optimization.yaml'));
    await kubectl(['wait', '--for=condition=Ready', 'costopt/optimize-frontend-cpu', '--timeout=60s']);
    const found = await status('optimize-frontend-cpu');
    expect(found?.currentRecommendation?.optimizationType).toBe('right_size_cpu');
    expect(found?.currentRecommendation?.monthlySavings).toBeGreaterThan(50);
    expect([await spec('frontend-web'), await sizes('frontend-web')]).toEqual(before);
    const table = await kubectl(['get', 'costopt']);
    expect(table).toMatch(/NAME +TARGET +TYPE +PHASE +SAVINGS +AGE/);
    await remove('optimize-frontend-cpu');
  });

  it('takes away replicas, verifies that, and gives them back', async () => {
    const before = await spec('api-gateway');
    await kubectl(['apply', '--filename=-'], example('replica-optimization.yaml'));
    const name = 'optimize-api-replicas';
    await until('fewer replicas to be verified', name, (now) => now?.verification?.result === 'Passed');
    expect(await spec('api-gateway')).toMatchObject({ replicas: 5 });
    expect((await status(name))?.appliedOptimizations).toBe(1);
    await remove(name);
    expect(await spec('api-gateway')).toEqual(before);
  });

  it('resizes pods in place over crashes of the operator, and undoes all of it', async () => {
    const workload = 'microservice-analytics';
    const before = { spec: await spec(workload), sizes: await sizes(workload) };
    await kubectl(['apply', '--filename=-'], example('full-optimization.yaml'));
    const name = 'optimize-analytics';
    await until('a change to begin', name, (now) => now?.phase === 'Applying' || now?.phase === 'Applied');
    await operator.restart();
    await until('the change to be verified', name, (now) => now?.verification?.result === 'Passed');
    expect(await spec(workload)).toEqual(before.spec);
    const size = { cpu: '350m', memory: '717Mi' };
    expect(await sizes(workload)).toEqual(before.sizes.map(() => ({ requests: size, limits: size })));
    await operator.restart();
    await remove(name);
    await eventually('the sizes to be restored', async () => {
      expect({ spec: await spec(workload), sizes: await sizes(workload) }).toEqual(before);
      return true;
    });
  });

  it('refuses a bad specification, naming the field', async () => {
    const bad = example('cpu-optimization.yaml').replace('maxChangePercent: 50', 'maxChangePercent: 500');
    await expect(kubectl(['apply', '--filename=-'], bad)).rejects.toThrow(/spec\.maxChangePercent/);
    const nonsense = `${example('cpu-optimization.yaml')}\n`.replace(
      'dryRun: true',
      'dryRun: true\n  schedule: "61 * * * *"',
    );
    await expect(kubectl(['apply', '--filename=-'], nonsense)).rejects.toThrow(/spec\.schedule/);
  });
});

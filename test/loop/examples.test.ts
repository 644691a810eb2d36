/** The examples that users are given, from creation to deletion. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PODS } from '#kube/client/builtin-types.ts';
import {
  exampleOptimization,
  exampleWorkloads,
  type LoopRig,
  specOf,
  startLoop,
  stored,
} from './loop-rig.ts';

const USAGE = {
  'frontend-web': '{ preset: daily-service, cpu: { cores: 1.5 }, memory: { base: 600Mi } }',
  'api-gateway': '{ preset: daily-service, cpu: { cores: 0.8 }, memory: { base: 300Mi } }',
  'batch-processor': '{ preset: batch, cpu: { cores: 6 }, memory: { base: 1Gi } }',
  'microservice-analytics': '{ preset: daily-service, cpu: { cores: 0.6 }, memory: { base: 300Mi } }',
};

let rig: LoopRig;

afterEach(() => {
  expect(rig.operator.failure).toBeUndefined();
  rig.supervisor.stop();
  rig.cluster.world.stop();
});

beforeEach(async () => {
  rig = await startLoop({ workloads: exampleWorkloads(USAGE) });
});

async function create(file: string): Promise<string> {
  const example = exampleOptimization(file);
  await rig.cluster.now(rig.cluster.client.create(COST_OPTIMIZATIONS, example));
  return example.metadata.name ?? '';
}

const untilPhase = (name: string, phase: string, limitMs = HOUR_MS): Promise<boolean> =>
  rig.cluster.until(() => stored(rig, name).status?.phase === phase, limitMs);

async function deleteAndWait(name: string): Promise<void> {
  const { client } = rig.cluster;
  await rig.cluster.now(client.delete(COST_OPTIMIZATIONS, { namespace: 'default', name }));
  const gone = () => rig.cluster.stored(COST_OPTIMIZATIONS).every(({ metadata }) => metadata.name !== name);
  expect(await rig.cluster.until(gone, HOUR_MS)).toBe(true);
}

function sizesOfPods(app: string): readonly unknown[] {
  const pods = rig.cluster.stored(PODS).filter(({ metadata }) => metadata?.labels?.['app'] === app);
  return pods.map(({ spec }) => spec?.containers[0]?.resources);
}

function annotationsOf(name: string): Readonly<Record<string, string>> {
  const found = rig.cluster.stored<Deployment>(DEPLOYMENTS).find(({ metadata }) => metadata?.name === name);
  return found?.metadata?.annotations ?? {};
}

describe('cpu-optimization.yaml', () => {
  it('shows what CPU the front end needs and changes nothing', async () => {
    const before = [specOf(rig, 'frontend-web'), sizesOfPods('frontend-web')];
    const name = await create('cpu-optimization.yaml');
    expect(await untilPhase(name, 'Ready')).toBe(true);
    const { currentRecommendation: found, conditions } = stored(rig, name).status ?? {};
    expect(found).toMatchObject({
      optimizationType: 'right_size_cpu',
      blockedBy: expect.arrayContaining(['DryRun: dryRun is on']) as unknown,
    });
    expect(found?.monthlySavings).toBeGreaterThan(50);
    expect(conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    await rig.cluster.world.clock.runFor(DAY_MS);
    expect([specOf(rig, 'frontend-web'), sizesOfPods('frontend-web')]).toEqual(before);
  });
});

describe('replica-optimization.yaml', () => {
  it('takes away replicas in steps, each verified, and gives all back when it is deleted', async () => {
    const before = specOf(rig, 'api-gateway');
    const name = await create('replica-optimization.yaml');
    expect(await untilPhase(name, 'Applied')).toBe(true);
    expect(specOf(rig, 'api-gateway')).toMatchObject({ replicas: 5 });
    const verified = () => stored(rig, name).status?.verification?.result === 'Passed';
    expect(await rig.cluster.until(verified, HOUR_MS)).toBe(true);
    await rig.cluster.world.clock.runFor(DAY_MS);
    const { status } = stored(rig, name);
    expect(status?.appliedOptimizations).toBeGreaterThanOrEqual(2);
    expect(status?.realizedSavings?.usd).toBeGreaterThan(0);
    await deleteAndWait(name);
    expect(specOf(rig, 'api-gateway')).toEqual(before);
  });
});

describe('full-optimization.yaml', () => {
  it('sizes the pods in place, keeps the template, and undoes all of it when it is deleted', async () => {
    const workload = 'microservice-analytics';
    const before = { spec: specOf(rig, workload), pods: sizesOfPods(workload) };
    const name = await create('full-optimization.yaml');
    expect(await untilPhase(name, 'Applied')).toBe(true);
    expect(specOf(rig, workload)).toEqual(before.spec);
    const sizes = sizesOfPods(workload);
    expect(sizes).toEqual(sizes.map(() => ({
      requests: { cpu: '350m', memory: '717Mi' },
      limits: { cpu: '350m', memory: '717Mi' },
    }))); // prettier-ignore
    expect(annotationsOf(workload)['optimization.k8s.io/optimized-by']).toContain(name);
    const verified = () => stored(rig, name).status?.verification?.result === 'Passed';
    expect(await rig.cluster.until(verified, HOUR_MS)).toBe(true);
    await deleteAndWait(name);
    await rig.cluster.world.clock.runFor(10 * MINUTE_MS);
    expect({ spec: specOf(rig, workload), pods: sizesOfPods(workload) }).toEqual(before);
    expect(Object.keys(annotationsOf(workload)).filter((key) => key.includes('optimization'))).toEqual([]);
    const leftovers = rig.cluster
      .stored(CONFIG_MAPS, 'default')
      .filter(({ metadata }) => metadata?.name?.includes('rollback'));
    expect(leftovers).toEqual([]);
  });
});

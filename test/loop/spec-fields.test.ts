/** What users write is what happens: the fields of the spec and the types of recommendations, each from end to end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { embeddedMetrics } from '#commands/operator/metrics-source.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { type LoopRig, startLoop, stored, withUsage } from './loop-rig.ts';

let rig: LoopRig;
/** What the service level of a test reads, by its expression. */
const levels = new Map<string, number>();

interface Size {
  readonly replicas?: number;
  readonly cpu: string;
  readonly memory: string;
}

function workload(name: string, usage: string, { replicas = 3, cpu, memory }: Size): Deployment {
  const sizes = { cpu, memory };
  return withUsage(
    {
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [
              { name: 'app', image: 'nginx:1.27-alpine', resources: { requests: sizes, limits: { memory } } },
            ],
          },
        },
      },
    },
    usage,
  );
}

const SERVICE = '{ preset: daily-service, cpu: { cores: 0.6 }, memory: { base: 300Mi } }';
const WORKLOADS = [
  ...['bounded', 'asleep', 'rolled', 'guarded', 'risky', 'roomy'].map((name) =>
    workload(name, SERVICE, { cpu: '1', memory: '2Gi' }),
  ),
  workload('crowded', '{ preset: daily-service, cpu: { cores: 1.8 }, memory: { base: 300Mi } }', {
    replicas: 2,
    cpu: '1',
    memory: '1Gi',
  }),
  workload('unused', '{ preset: idle, cpu: { cores: 0.001, noise: 0 }, memory: { base: 64Mi, noise: 0 } }', {
    cpu: '1',
    memory: '1Gi',
  }),
];

beforeAll(async () => {
  rig = await startLoop({
    workloads: WORKLOADS,
    historyDays: 10,
    operator: {
      metrics: (parts) => ({
        ...embeddedMetrics(parts),
        serviceLevels: { evaluate: (promql) => Promise.resolve(levels.get(promql)) },
      }),
    },
  });
});

afterAll(() => {
  expect(rig.operator.failure).toBeUndefined();
  rig.supervisor.stop();
  rig.cluster.world.stop();
});

async function optimize(name: string, spec: Partial<CostOptimization['spec']>): Promise<void> {
  await rig.cluster.now(
    rig.cluster.client.create(COST_OPTIMIZATIONS, {
      metadata: { name, namespace: 'default' },
      spec: {
        targetWorkload: { kind: 'Deployment', name },
        optimizationType: 'CPU',
        dryRun: false,
        autoApply: true,
        ...spec,
      },
    }),
  );
}

const statusOf = (name: string) => stored(rig, name).status ?? {};
const until = (isSo: () => boolean, limitMs = HOUR_MS): Promise<boolean> => rig.cluster.until(isSo, limitMs);
const untilPhase = (name: string, phase: string): Promise<boolean> =>
  until(() => statusOf(name).phase === phase);
const template = (name: string) =>
  rig.cluster.stored(DEPLOYMENTS).find(({ metadata }) => metadata?.name === name)?.spec?.template.spec
    ?.containers[0]?.resources;

describe('a spec', () => {
  it('bounds containers by name: no request below minCpu', async () => {
    await optimize('bounded', { maxChangePercent: 80, containers: [{ name: 'app', minCpu: '800m' }] });
    expect(await untilPhase('bounded', 'Applied')).toBe(true);
    expect(statusOf('bounded').currentRecommendation?.changes).toEqual({ cpu_request: '800m' });
  });

  it('suspends: nothing is analysed until it ends', async () => {
    await optimize('asleep', { suspend: true });
    await rig.cluster.world.clock.runFor(HOUR_MS);
    expect(statusOf('asleep')).toMatchObject({
      phase: 'Pending',
      message: expect.stringContaining('suspended') as string,
    });
    expect(statusOf('asleep').lastAnalysis).toBeUndefined();
    const wake = { patch: 'merge', body: { spec: { suspend: false } }, fieldManager: 'someone' } as const;
    await rig.cluster.now(
      rig.cluster.client.patch(COST_OPTIMIZATIONS, { namespace: 'default', name: 'asleep' }, wake),
    );
    expect(await untilPhase('asleep', 'Applied')).toBe(true);
  });

  it('says how pods get their sizes: Rollout changes the template', async () => {
    await optimize('rolled', { updateStrategy: 'Rollout' });
    expect(await untilPhase('rolled', 'Applied')).toBe(true);
    const { changes } = statusOf('rolled').currentRecommendation ?? {};
    expect(template('rolled')?.requests?.['cpu']).toBe(changes?.['cpu_request']);
  });

  it('watches service levels: a change that breaks one is rolled back', async () => {
    levels.set('latency_p99', 0.2);
    const before = template('guarded');
    await optimize('guarded', {
      updateStrategy: 'Rollout',
      slo: [{ name: 'latency', promql: 'latency_p99', max: 0.5 }],
    });
    expect(await untilPhase('guarded', 'Applied')).toBe(true);
    levels.set('latency_p99', 0.9);
    expect(await untilPhase('guarded', 'RolledBack')).toBe(true);
    expect(statusOf('guarded').regressions?.[0]).toMatchObject({
      reason: 'SLOBreached',
      message: 'latency is 0.9, above 0.5',
    });
    expect(template('guarded')).toEqual(before);
  });

  it('never passes a service level that cannot be read', async () => {
    await optimize('roomy', { slo: [{ promql: 'nothing_of_that_name', max: 1 }] });
    expect(await untilPhase('roomy', 'Applied')).toBe(true);
    await rig.cluster.world.clock.runFor(30 * MINUTE_MS);
    expect(statusOf('roomy').verification?.result).toBe('Unknown');
  });

  it('sets the highest risk that is taken, by its place and not as a text', async () => {
    await optimize('risky', { optimizationType: 'MEMORY', maxRiskLevel: 'LOW', maxChangePercent: 80 });
    expect(await untilPhase('risky', 'Ready')).toBe(true);
    const { riskLevel, blockedBy } = statusOf('risky').currentRecommendation ?? {};
    expect(riskLevel).toBe('MEDIUM');
    expect(blockedBy).toEqual(['Risk: risk MEDIUM is above maxRiskLevel LOW']);
  });
});

describe('a recommendation', () => {
  it('of right_size_memory says what memory is needed', () => {
    expect(statusOf('risky').currentRecommendation).toMatchObject({ optimizationType: 'right_size_memory' });
  });

  it('of increase_replicas gives a crowded workload more pods, and says what that costs', async () => {
    await optimize('crowded', { optimizationType: 'REPLICAS', maxChangePercent: 80 });
    expect(await untilPhase('crowded', 'Applied')).toBe(true);
    const { optimizationType, monthlySavings } = statusOf('crowded').currentRecommendation ?? {};
    expect(optimizationType).toBe('increase_replicas');
    expect(monthlySavings).toBeLessThan(0);
  });

  it('of delete_unused is only reported: nobody deletes anything', async () => {
    await optimize('unused', { dryRun: true, autoApply: false });
    expect(await until(() => statusOf('unused').decision !== undefined)).toBe(true);
    const reported = statusOf('unused').decision?.alternatives.find(
      ({ action }) => action === 'delete_unused',
    );
    expect(reported).toMatchObject({ verdict: 'reported' });
    expect(rig.cluster.stored(DEPLOYMENTS).map(({ metadata }) => metadata?.name)).toContain('unused');
  });
});

/** Scaling by the clock, through nights, a crash and a rollback. The world begins on Monday, 5 January 2026, 08:00 UTC. */
import { afterEach, describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS } from '#kube/client/builtin-types.ts';
import {
  exampleOptimization,
  exampleWorkloads,
  type LoopRig,
  type RigOptions,
  startLoop,
  stored,
} from './loop-rig.ts';

const WORKLOAD = 'api-gateway';
const PLAN = 'optimization.k8s.io/scaling-plan';
/** Eight replicas of one core: 3.6 cores at noon, next to nothing at night. */
const USAGE = {
  [WORKLOAD]:
    '{ cpu: { cores: 4, noise: 0.02 }, memory: { base: 300Mi }, load: { window: { fromHour: 8, hours: 10, idle: 0.05 } } }',
};

let rig: LoopRig;

afterEach(() => {
  expect(rig.operator.failure).toBeUndefined();
  rig.supervisor.stop();
  rig.cluster.world.stop();
});

async function start(options: Partial<RigOptions> = {}): Promise<void> {
  const workloads = exampleWorkloads(USAGE).filter(({ metadata }) => metadata?.name === WORKLOAD);
  // The clock is what counts here: looking and analysing less often lets days pass faster.
  const operator = { collectIntervalMs: 2.5 * MINUTE_MS, settings: { analysisIntervalMs: 4 * HOUR_MS } };
  rig = await startLoop({ workloads, historyDays: 4, operator, ...options });
}

async function create(spec: Partial<CostOptimization['spec']> = {}): Promise<void> {
  await rig.cluster.now(
    rig.cluster.client.create(COST_OPTIMIZATIONS, {
      metadata: { name: 'nights', namespace: 'default' },
      spec: {
        targetWorkload: { kind: 'Deployment', name: WORKLOAD },
        optimizationType: 'SCHEDULED_SCALING',
        dryRun: false,
        autoApply: true,
        maxChangePercent: 80,
        metricsWindow: '4d',
        ...spec,
      },
    }),
  );
}

const untilPhase = (phase: string, limitMs = HOUR_MS): Promise<boolean> =>
  rig.cluster.until(() => stored(rig, 'nights').status?.phase === phase, limitMs);

const workload = () => rig.cluster.stored(DEPLOYMENTS).find(({ metadata }) => metadata?.name === WORKLOAD);
const replicas = () => workload()?.spec?.replicas;
const planOn = () => workload()?.metadata?.annotations?.[PLAN];

/** Lets time pass until an hour (and minute) of the day, in UTC. */
async function untilHour(hour: number): Promise<void> {
  const { clock } = rig.cluster.world;
  const target = Math.floor(clock.now() / DAY_MS) * DAY_MS + hour * HOUR_MS;
  await clock.runFor((target > clock.now() ? target : target + DAY_MS) - clock.now());
}

const nights = { scaling: { windows: [{ from: '20:00', to: '06:00', replicas: 2 }] } };

describe('windows that the user sets', () => {
  it('take pods away at night and give them back in the morning', async () => {
    await start();
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    expect(planOn()).toContain('"from":"20:00"');
    expect(replicas()).toBe(8);
    const seen: (number | undefined)[] = [];
    for (const hour of [19.9, 20.1, 5.9, 6.1]) {
      await untilHour(hour);
      seen.push(replicas());
    }
    expect(seen).toEqual([8, 2, 2, 8]);
    const { status } = stored(rig, 'nights');
    expect(status?.verification?.result).toBe('Passed');
    expect(status?.realizedSavings?.usd).toBeGreaterThan(0);
    expect(status?.scaling).toEqual({ window: false, nextChange: '2026-01-06T20:00:00Z' });
  });

  it('keep to the wall clock of their zone', async () => {
    await start();
    // The load is that of 08:00 to 18:00 UTC: from 17:00 to 03:00 in Seoul.
    await create({
      scaling: { windows: [{ from: '03:30', to: '16:30', replicas: 2 }] },
      timeZone: 'Asia/Seoul',
    });
    expect(await untilPhase('Applied')).toBe(true);
    await untilHour(18.4);
    expect(replicas()).toBe(8);
    await untilHour(18.6);
    expect(replicas()).toBe(2);
  });

  it('that ended while the operator was down are closed when it is back', async () => {
    await start({ process: { restartAfterMs: 11 * HOUR_MS } });
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    await untilHour(22);
    expect(replicas()).toBe(2);
    rig.supervisor.process.crash('power failure');
    await untilHour(8.9);
    expect(replicas()).toBe(2);
    await untilHour(9.1);
    expect(replicas()).toBe(8);
  });

  it('give all back when they are deleted in the middle of the night, other people’s count included', async () => {
    await start();
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    await untilHour(22);
    await rig.cluster.now(
      rig.cluster.client.delete(COST_OPTIMIZATIONS, { namespace: 'default', name: 'nights' }),
    );
    expect(await rig.cluster.until(() => rig.cluster.stored(COST_OPTIMIZATIONS).length === 0, HOUR_MS)).toBe(
      true,
    );
    expect([replicas(), planOn()]).toEqual([8, undefined]);
  });

  it('let a person scale by hand, and take that for the new count', async () => {
    await start();
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    await untilHour(22);
    const patch = { patch: 'merge', body: { spec: { replicas: 5 } }, fieldManager: 'someone' } as const;
    await rig.cluster.now(
      rig.cluster.client.patch(DEPLOYMENTS, { namespace: 'default', name: WORKLOAD }, patch),
    );
    await untilHour(23);
    expect(replicas()).toBe(5);
    await untilHour(12);
    expect(replicas()).toBe(5);
  });

  it('are given up while they are suspended', async () => {
    await start();
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    await untilHour(22);
    const patch = { patch: 'merge', body: { spec: { suspend: true } }, fieldManager: 'someone' } as const;
    await rig.cluster.now(
      rig.cluster.client.patch(COST_OPTIMIZATIONS, { namespace: 'default', name: 'nights' }, patch),
    );
    expect(await rig.cluster.until(() => replicas() === 8, 10 * MINUTE_MS)).toBe(true);
  });

  it('move the lower bound of an autoscaler instead of the count', async () => {
    await start();
    const hpa: HorizontalPodAutoscaler = {
      metadata: { name: WORKLOAD, namespace: 'default' },
      spec: {
        minReplicas: 6,
        maxReplicas: 12,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: WORKLOAD },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
      },
    };
    await rig.cluster.now(rig.cluster.client.create(HORIZONTAL_POD_AUTOSCALERS, hpa));
    await create(nights);
    expect(await untilPhase('Applied')).toBe(true);
    const bound = () => rig.cluster.stored(HORIZONTAL_POD_AUTOSCALERS)[0]?.spec?.minReplicas;
    await untilHour(22);
    expect(bound()).toBe(2);
    // The autoscaler follows by itself: its target is the night's load.
    expect(replicas()).toBeLessThan(6);
    await untilHour(7);
    expect(bound()).toBe(6);
    expect(replicas()).toBeGreaterThanOrEqual(6);
  });
});

describe('scheduled-scaling.yaml', () => {
  it('is accepted, and says what stands against it: here the load of the night in Seoul', async () => {
    await start();
    const example = exampleOptimization('scheduled-scaling.yaml');
    await rig.cluster.now(rig.cluster.client.create(COST_OPTIMIZATIONS, example));
    const { name = '' } = example.metadata;
    expect(await rig.cluster.until(() => stored(rig, name).status?.phase === 'Ready', HOUR_MS)).toBe(true);
    const { currentRecommendation: found } = stored(rig, name).status ?? {};
    expect(found?.reasons?.[0]).toContain('Mon–Fri 20:00–07:00: 2; Sat, Sun 00:00–24:00: 2 (Asia/Seoul)');
    expect(found?.blockedBy?.[0]).toMatch(/^Confidence/);
  });
});

describe('windows learned from usage', () => {
  it('are found, applied and followed, ahead of need', async () => {
    await start({ historyDays: 14 });
    await create({ metricsWindow: '14d' });
    expect(await untilPhase('Applied')).toBe(true);
    const { status } = stored(rig, 'nights');
    expect(status?.currentRecommendation).toMatchObject({
      optimizationType: 'scheduled_scaling',
      riskLevel: 'MEDIUM',
    });
    expect(status?.currentRecommendation?.monthlySavings).toBeGreaterThan(20);
    await untilHour(3);
    const night = replicas() ?? 0;
    expect(night).toBeLessThan(4);
    await untilHour(8);
    // Pods are up when the load comes.
    expect(workload()?.status?.readyReplicas).toBeGreaterThan(night + 2);
    expect(stored(rig, 'nights').status?.regressions ?? []).toEqual([]);
  });
});

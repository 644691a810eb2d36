import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS } from '#kube/client/builtin-types.ts';
import { type FleetRig, NAMESPACE, deployment, startRig } from '../../testing/fleet-rig.ts';
import type { PodMetric } from './pod-metrics.ts';
import { proposeReplicas } from './replica-calculator.ts';
import { boundSize } from './scaling-behavior.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;

function autoscaler(spec: Partial<Spec> = {}): HorizontalPodAutoscaler {
  const resource = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } };
  return {
    metadata: { name: 'web', namespace: NAMESPACE },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [{ type: 'Resource', resource }],
      ...spec,
    },
  };
}

async function scaled(usage: string, spec?: Partial<Spec>): Promise<FleetRig> {
  const rig = await startRig();
  await rig.create(DEPLOYMENTS, deployment('web', { replicas: 2, usage, cpu: '200m' }));
  await rig.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler(spec));
  await rig.clock.runFor(180_000);
  return rig;
}

function status(rig: FleetRig) {
  return rig.access.get(HORIZONTAL_POD_AUTOSCALERS, { namespace: NAMESPACE, name: 'web' })?.status;
}

function conditions(rig: FleetRig): Record<string, string> {
  return Object.fromEntries(
    (status(rig)?.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason ?? ''}`]),
  );
}

function replicas(rig: FleetRig): number | undefined {
  return rig.deployment('web').spec?.replicas;
}

describe('a HorizontalPodAutoscaler', () => {
  it('grows a workload until its pods use what they should', async () => {
    const rig = await scaled('cpu: { cores: 0.6, noise: 0, skew: 0 }');
    expect(replicas(rig)).toBe(6);
    expect(conditions(rig)).toEqual({
      AbleToScale: 'True ReadyForNewScale',
      ScalingActive: 'True ValidMetricFound',
      ScalingLimited: 'False DesiredWithinRange',
    });
    expect(status(rig)?.currentMetrics?.[0]?.resource?.current).toEqual({
      averageValue: '100m',
      averageUtilization: 50,
    });
    expect(rig.events('SuccessfulRescale')[0]?.message).toMatch(
      /^New size: \d; reason: cpu resource utilization \(percentage of request\) above target$/,
    );
  });

  it('shrinks only after its stabilization window', async () => {
    const rig = await scaled(
      'cpu: { cores: 0.2, noise: 0, skew: 0 }\nload: { steps: [{ after: 10m, factor: 0.2 }] }',
    );
    expect(replicas(rig)).toBe(2);
    await rig.clock.runFor(10 * 60_000);
    expect(conditions(rig)['AbleToScale']).toBe('True ScaleDownStabilized');
    expect(replicas(rig)).toBe(2);
    await rig.clock.runFor(6 * 60_000);
    expect(replicas(rig)).toBe(1);
  });

  it('stays within its bounds and corrects a size outside of them', async () => {
    const rig = await scaled('cpu: { cores: 5, noise: 0 }', { maxReplicas: 4 });
    expect(replicas(rig)).toBe(4);
    expect(conditions(rig)['ScalingLimited']).toBe('True TooManyReplicas');
    await rig.access.mergePatch(
      DEPLOYMENTS,
      { namespace: NAMESPACE, name: 'web' },
      { body: { spec: { replicas: 9 } } },
    );
    await rig.clock.runFor(20_000);
    expect(replicas(rig)).toBe(4);
  });

  it('scales by average value and by memory', async () => {
    const resource = { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } };
    const usage = 'cpu: { cores: 2, noise: 0, skew: 0 }\nmemory: { base: 10Mi, perCore: 180Mi, noise: 0 }';
    const rig = await scaled(usage, { metrics: [{ type: 'Resource', resource }] });
    // Each pod uses 10 + 360/n MiB.
    expect(replicas(rig)).toBe(4);
    expect(status(rig)?.currentMetrics?.[0]?.resource?.current).toMatchObject({ averageValue: '100Mi' });
  });

  it('says why it cannot act: no request, no target, switched off, metrics that nobody serves', async () => {
    const rig = await scaled('cpu: { cores: 0.1 }');
    await rig.create(HORIZONTAL_POD_AUTOSCALERS, {
      ...autoscaler({ scaleTargetRef: { kind: 'Deployment', name: 'nothing' } }),
      metadata: { name: 'lost', namespace: NAMESPACE },
    });
    await rig.create(HORIZONTAL_POD_AUTOSCALERS, {
      ...autoscaler({
        metrics: [
          {
            type: 'External',
            external: { metric: { name: 'queue' }, target: { type: 'Value', value: '1' } },
          },
        ],
      }),
      metadata: { name: 'external', namespace: NAMESPACE },
    });
    const bare = deployment('bare');
    const [container] = bare.spec?.template.spec?.containers ?? [];
    if (container !== undefined) delete container.resources;
    await rig.create(DEPLOYMENTS, bare);
    await rig.create(HORIZONTAL_POD_AUTOSCALERS, {
      ...autoscaler({ scaleTargetRef: { kind: 'Deployment', name: 'bare' } }),
      metadata: { name: 'bare', namespace: NAMESPACE },
    });
    await rig.clock.runFor(60_000);
    const reason = (name: string, type: string): string | undefined =>
      rig.access
        .get(HORIZONTAL_POD_AUTOSCALERS, { namespace: NAMESPACE, name })
        ?.status?.conditions?.find((condition) => condition.type === type)?.reason;
    expect(reason('lost', 'AbleToScale')).toBe('FailedGetScale');
    expect(reason('external', 'ScalingActive')).toBe('FailedGetResourceMetric');
    expect(reason('bare', 'ScalingActive')).toBe('FailedGetResourceMetric');
    await rig.access.mergePatch(
      DEPLOYMENTS,
      { namespace: NAMESPACE, name: 'web' },
      { body: { spec: { replicas: 0 } } },
    );
    await rig.clock.runFor(30_000);
    expect(conditions(rig)['ScalingActive']).toBe('False ScalingDisabled');
    expect(replicas(rig)).toBe(0);
  });
});

const TARGET = { kind: 'Utilization', percent: 50 } as const;

function metric(usage: number | undefined, isReady = true): PodMetric {
  return { usage, request: 1, isReady };
}

describe('the replica calculator', () => {
  it.each([
    ['twice the target', [1, 1], 4],
    ['half of it', [0.25, 0.25, 0.25, 0.25], 2],
    ['within the tolerance', [0.54, 0.54], 2],
    ['just above it', [0.56, 0.56], 3],
    ['nothing', [0, 0, 0], 0],
  ])('wants for %s', (_, usages, wanted) => {
    const metrics = usages.map((usage) => metric(usage));
    expect(proposeReplicas({ metrics, target: TARGET, currentReplicas: metrics.length })?.replicas).toBe(
      wanted,
    );
  });

  it('takes pods that are not ready for idle when it would grow', () => {
    const metrics = [metric(1), metric(1), metric(0.9, false), metric(0.9, false)];
    expect(proposeReplicas({ metrics, target: TARGET, currentReplicas: 4 })?.replicas).toBe(4);
  });

  it('takes pods without metrics for full when it would shrink', () => {
    const metrics = [metric(0.1), metric(undefined)];
    expect(proposeReplicas({ metrics, target: TARGET, currentReplicas: 2 })?.replicas).toBe(2);
    expect(
      proposeReplicas({ metrics: [metric(undefined)], target: TARGET, currentReplicas: 1 }),
    ).toBeUndefined();
  });

  it('never moves against the metric', () => {
    const pods = fc.array(
      fc.tuple(fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: undefined }), fc.boolean()),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(pods, (made) => {
        const metrics = made.map(([usage, ready]) => metric(usage, ready));
        const proposal = proposeReplicas({ metrics, target: TARGET, currentReplicas: metrics.length });
        if (proposal?.utilizationPercent === undefined) return;
        if (proposal.utilizationPercent > 50)
          expect(proposal.replicas).toBeGreaterThanOrEqual(metrics.length);
        if (proposal.utilizationPercent < 50) expect(proposal.replicas).toBeLessThanOrEqual(metrics.length);
      }),
    );
  });
});

describe('the bounds of a size', () => {
  const input = {
    current: 4,
    wished: 20,
    minReplicas: 2,
    maxReplicas: 100,
    behavior: undefined,
    proposals: [],
    changes: [],
    nowMs: 0,
  };

  it('let it double or grow by four pods, whichever is more, in 15 s', () => {
    expect(boundSize(input)).toMatchObject({ replicas: 8, limit: { reason: 'ScaleUpLimit' } });
    expect(boundSize({ ...input, current: 2 }).replicas).toBe(6);
    const changes = [{ atMs: -5000, replicas: 3 }];
    expect(boundSize({ ...input, current: 7, changes }).replicas).toBe(8);
    expect(boundSize({ ...input, current: 7, changes: [{ atMs: -20_000, replicas: 3 }] }).replicas).toBe(14);
  });

  it('hold it at the highest proposal of the last five minutes when it shrinks', () => {
    const proposals = [
      { atMs: -200_000, replicas: 3 },
      { atMs: 0, replicas: 2 },
    ];
    expect(boundSize({ ...input, wished: 2, proposals })).toMatchObject({ replicas: 3, stabilized: 'down' });
    expect(boundSize({ ...input, wished: 2, proposals: [{ atMs: -400_000, replicas: 3 }] }).replicas).toBe(2);
  });

  it('obey policies and switches of the behavior', () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
    const slow = { scaleDown: { stabilizationWindowSeconds: 0, policies } };
    expect(boundSize({ ...input, wished: 2, behavior: slow })).toMatchObject({
      replicas: 3,
      limit: { reason: 'ScaleDownLimit' },
    });
    const off = { scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Disabled' } };
    expect(boundSize({ ...input, wished: 2, behavior: off }).replicas).toBe(4);
    expect(
      boundSize({ ...input, wished: 0, behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } }),
    ).toMatchObject({
      replicas: 2,
      limit: { reason: 'TooFewReplicas' },
    });
    expect(boundSize({ ...input, maxReplicas: 5 })).toMatchObject({
      replicas: 5,
      limit: { reason: 'TooManyReplicas' },
    });
  });

  it('always leave the size between minimum and maximum', () => {
    const numbers = fc.record({
      current: fc.integer({ min: 1, max: 50 }),
      wished: fc.nat(200),
      minReplicas: fc.integer({ min: 1, max: 5 }),
      more: fc.nat(30),
    });
    fc.assert(
      fc.property(numbers, ({ current, wished, minReplicas, more }) => {
        const maxReplicas = minReplicas + more;
        fc.pre(current >= minReplicas && current <= maxReplicas);
        const { replicas: size } = boundSize({ ...input, current, wished, minReplicas, maxReplicas });
        expect(size).toBeGreaterThanOrEqual(minReplicas);
        expect(size).toBeLessThanOrEqual(maxReplicas);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { SCALING_PLAN } from '#domain/change/field.ts';
import { formatPlan } from '#domain/scheduled-scaling/plan.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import { entry, NOW, observation, optimization, SIZES, target } from './testing.ts';

/** Saturday, 10:30 UTC. */
const open = formatPlan({
  timeZone: 'UTC',
  windows: [{ days: ['Sat'], from: '08:00', to: '12:00', replicas: 2 }],
});
const closed = formatPlan({
  timeZone: 'UTC',
  windows: [{ days: ['Sat'], from: '20:00', to: '22:00', replicas: 2 }],
});

const kinds = (decision: Decision) =>
  decision.actions.map(({ kind }) => kind).filter((kind) => kind !== 'BookSavings');

function inForce(
  plan: string,
  applied: Record<string, number> = {},
  more: Partial<RollbackEntry> = {},
): RollbackEntry {
  const original = {
    [SCALING_PLAN]: null,
    ...Object.fromEntries(Object.keys(applied).map((path) => [path, 10])),
  };
  return entry({}, { applied: { [SCALING_PLAN]: plan, ...applied }, original, ...more });
}

interface Case {
  readonly entry: RollbackEntry;
  readonly replicas: number;
  readonly plan?: string;
  readonly spec?: Partial<CostOptimization['spec']>;
  readonly more?: Partial<Observation>;
}

function seen({ entry: held, replicas, plan, spec = {}, more = {} }: Case): Observation {
  const status = {
    phase: 'Applied' as const,
    appliedOptimizations: 1,
    nextAnalysis: rfc3339(NOW + 60_000),
    verification: { beganAt: rfc3339(NOW - 7_200_000), startedAt: rfc3339(NOW - 7_200_000), endsAt: rfc3339(NOW - 6_300_000), result: 'Passed' as const, restarts: 0 },
  };
  const base = target();
  return observation({
    optimization: optimization({ optimizationType: 'SCHEDULED_SCALING', ...spec }, status),
    entry: held,
    target: { ...base, fields: { ...SIZES, replicas }, declared: { [SCALING_PLAN]: plan ?? String(held.applied[SCALING_PLAN]) }, rollout: { ...base.rollout, desiredReplicas: 2 } },
    evidence: { throttledRatio: 0.01, metricsAgeMs: 30_000, serviceLevels: [] },
    ...more,
  });
} // prettier-ignore

describe('a scaling plan in force', () => {
  it('takes pods away when its window is open: granted, recorded, written, recorded', () => {
    const decision = decide(seen({ entry: inForce(open), replicas: 10 }));
    expect(kinds(decision)).toEqual(['ReserveChange', 'SaveEntry', 'PatchWorkload', 'SaveEntry']);
    expect(decision.actions[1]).toMatchObject({
      entry: { original: { replicas: 10 }, intent: { changes: { replicas: 2 } } },
    });
    expect(decision.actions[2]).toMatchObject({ changes: { replicas: 2 }, annotations: {} });
    expect(decision.actions[3]).toMatchObject({ entry: { applied: { replicas: 2 }, intent: null } });
    expect(decision.status).toMatchObject({
      phase: 'Applied',
      scaling: { window: true, replicas: 2, nextChange: '2026-11-21T12:00:00Z' },
    });
  });

  it('gives them back without asking anybody', () => {
    const decision = decide(seen({ entry: inForce(closed, { replicas: 2 }), replicas: 2 }));
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchWorkload', 'SaveEntry']);
    expect(decision.actions[1]).toMatchObject({ changes: { replicas: 10 } });
    expect(decision.actions[2]).toMatchObject({
      entry: { original: { [SCALING_PLAN]: null }, applied: { [SCALING_PLAN]: closed } },
    });
  });

  it('waits for the next boundary where all is as planned', () => {
    const decision = decide(seen({ entry: inForce(open, { replicas: 2 }), replicas: 2 }));
    expect(kinds(decision)).toEqual([]);
    expect(decision.requeueAfterMs).toBeLessThanOrEqual(90 * 60_000);
  });

  it('closes a move that a crash cut short, by what the workload holds', () => {
    const intent = {
      recommendationId: 'r1',
      strategy: 'Rollout' as const,
      changes: { replicas: 2 },
      monthlyUsd: 0,
    };
    const held = inForce(open, {}, { intent, original: { [SCALING_PLAN]: null, replicas: 10 } });
    const written = decide(seen({ entry: held, replicas: 2 }));
    expect(written.actions[0]).toMatchObject({
      kind: 'SaveEntry',
      entry: { applied: { replicas: 2 }, intent: null },
    });
    expect(kinds(written)).toEqual(['SaveEntry']);
    const lost = decide(seen({ entry: held, replicas: 10 }));
    expect(kinds(lost)).toEqual(['SaveEntry', 'ReserveChange', 'SaveEntry', 'PatchWorkload', 'SaveEntry']);
  });

  it.each<[string, Partial<CostOptimization['spec']>]>([
    ['suspended', { suspend: true }],
    ['looked at in a dry run', { dryRun: true, autoApply: false }],
  ])('holds no window open while it is %s', (_name, spec) => {
    const decision = decide(seen({ entry: inForce(open, { replicas: 2 }), replicas: 2, spec }));
    expect(decision.actions).toContainEqual({
      kind: 'PatchWorkload',
      changes: { replicas: 10 },
      annotations: {},
    });
  });

  it('is not followed once somebody wrote another plan on the workload', () => {
    const decision = decide(seen({ entry: inForce(open, { replicas: 2 }), replicas: 2, plan: closed }));
    expect(decision.actions).toContainEqual({
      kind: 'PatchWorkload',
      changes: { replicas: 10 },
      annotations: {},
    });
  });

  it('moves the lower bound of an autoscaler, no further than its upper one', () => {
    const hpas = [{ name: 'web', fields: { 'hpa/web/minReplicas': 6 }, maxReplicas: 8, manager: undefined }];
    const high = formatPlan({
      timeZone: 'UTC',
      windows: [{ days: ['Sat'], from: '08:00', to: '12:00', replicas: 9 }],
    });
    const decision = decide(
      seen({
        entry: inForce(high),
        replicas: 6,
        more: { surroundings: { ...observation().surroundings, hpas } },
      }),
    );
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchHpas', 'SaveEntry']);
    expect(decision.actions[1]).toMatchObject({ changes: { 'hpa/web/minReplicas': 8 } });
  });

  it('is rolled back with its window when a service level breaks in it, and remembers the count', () => {
    const evidence = {
      throttledRatio: 0.01,
      metricsAgeMs: 30_000,
      serviceLevels: [{ name: 'latency', max: 1, value: 2 }],
    };
    const decision = decide(seen({ entry: inForce(open, { replicas: 2 }), replicas: 2, more: { evidence } }));
    expect(decision.status).toMatchObject({
      phase: 'RolledBack',
      regressions: [{ reason: 'SLOBreached', floors: { replicas: 2 } }],
    });
    const patch = decision.actions.find(({ kind }) => kind === 'PatchWorkload');
    expect(patch).toMatchObject({ changes: { replicas: 10, [SCALING_PLAN]: null } });
  });

  it('is not accused of what happens outside of its windows', () => {
    const evidence = {
      throttledRatio: 0.9,
      metricsAgeMs: 30_000,
      serviceLevels: [{ name: 'latency', max: 1, value: 2 }],
    };
    const decision = decide(seen({ entry: inForce(closed), replicas: 10, more: { evidence } }));
    expect(decision.status.phase).toBe('Applied');
  });

  it('cannot be accepted: somebody has to follow it', () => {
    const o = seen({ entry: inForce(open, { replicas: 2 }), replicas: 2 });
    const metadata = { ...o.optimization.metadata, annotations: { 'optimization.k8s.io/accept': 'now' } };
    const decision = decide({ ...o, optimization: { ...o.optimization, metadata } });
    expect(kinds(decision)).toEqual([]);
    expect(decision.events.map(({ reason }) => reason)).toContain('NotAccepted');
    expect(decision.status.handledRequests).toEqual({ accept: 'now' });
  });
});

describe('a recommended plan', () => {
  const analyze = (step: string, spec: Partial<CostOptimization['spec']>, more: Partial<Observation> = {}) =>
    decide(
      observation({
        optimization: optimization(
          { optimizationType: 'SCHEDULED_SCALING', ...spec },
          { phase: 'Analyzing' },
        ),
        target: { ...target(), fields: { ...SIZES, replicas: 10 }, declared: { [SCALING_PLAN]: null } },
        analysis: {
          outcome: 'wanted',
          type: 'scheduled_scaling',
          atMs: NOW,
          quality: { samples: 1, coverage: 1, source: 'test' },
          inputs: [],
          alternatives: [],
          throttledRatio: undefined,
          wanted: { [SCALING_PLAN]: open },
          step: { [SCALING_PLAN]: step },
          monthlyUsdOf: (fields) => (SCALING_PLAN in fields ? 60 : 100),
          reasons: [],
          assess: () => ({ confidence: 0.9, risk: 'LOW', riskFactors: [] }),
        },
        ...more,
      }),
    );

  it('is applied as an annotation, which disturbs nobody', () => {
    const { status } = analyze(open, {});
    expect(status).toMatchObject({
      phase: 'Applying',
      applying: { strategy: 'Rollout', fields: { [SCALING_PLAN]: open }, monthlySavings: 40 },
      currentRecommendation: {
        optimizationType: 'scheduled_scaling',
        changes: { scaling_plan: open },
        monthlySavings: 40,
      },
    });
  });

  it('wants an approval on a StatefulSet, for it takes replicas away', () => {
    const { status } = analyze(open, { targetWorkload: { kind: 'StatefulSet', name: 'web' } });
    expect(status.currentRecommendation?.blockedBy?.[0]).toMatch(/replicas of a StatefulSet/);
  });

  it('leaves every budget a pod to spare', () => {
    const surroundings = {
      ...observation().surroundings,
      disruptionBudgets: [{ name: 'web', minAvailable: 2 }],
    };
    expect(analyze(open, {}, { surroundings }).status.currentRecommendation?.blockedBy?.[0]).toMatch(/^PDB/);
  });

  it('is not set against KEDA, which owns the bounds of its autoscaler', () => {
    const hpas = [{ name: 'web', fields: { 'hpa/web/minReplicas': 6 }, manager: 'KEDA ScaledObject web' }];
    const surroundings = { ...observation().surroundings, hpas };
    expect(analyze(open, {}, { surroundings }).status.currentRecommendation?.blockedBy?.[0]).toMatch(/KEDA/);
  });
});

import { describe, expect, it } from 'vitest';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Observation } from './observation.ts';
import {
  condition,
  kinds,
  reasons,
  CPU,
  entry,
  NOW,
  observation,
  optimization,
  pod,
  SIZES,
  target,
  unknownData,
  wants,
} from './testing.ts';

const applying = {
  id: 'r1',
  startedAt: rfc3339(NOW - 10_000),
  strategy: 'InPlace' as const,
  monthlySavings: 58.4,
  fields: { [CPU]: '1' },
};

describe('a new CostOptimization', () => {
  it('gets its finalizer first, and is seen to be analysed', () => {
    const fresh = optimization();
    const decision = decide(
      observation({ optimization: { ...fresh, metadata: { ...fresh.metadata, finalizers: [] } } }),
    );
    expect(kinds(decision)).toEqual(['AddFinalizer']);
    expect(decision.status.phase).toBe('Analyzing');
    expect(reasons(decision)).toEqual(['OptimizationCreated']);
    expect(condition(decision, 'Reconciling')).toBe('True');
  });

  it('waits for a workload that does not exist', () => {
    const decision = decide(
      observation({ optimization: optimization({}, { phase: 'Analyzing' }), target: undefined }),
    );
    expect(decision.status).toMatchObject({
      phase: 'Pending',
      message: expect.stringContaining('does not exist') as string,
    });
    expect(decision.actions).toEqual([]);
  });

  it('does nothing on data that is not known, and says why', () => {
    const o = observation({
      optimization: optimization({}, { phase: 'Analyzing' }),
      analysis: unknownData(),
    });
    const decision = decide(o);
    expect(decision.status.phase).toBe('Pending');
    expect(decision.actions).toEqual([]);
    expect(condition(decision, 'Analyzed')).toBe('Unknown');
    expect(decision.status.currentRecommendation).toBeUndefined();
  });

  it('is ready, with nothing to do, where sizes are right', () => {
    const analysis = wants({ [CPU]: '1950m' });
    const decision = decide(
      observation({ optimization: optimization({}, { phase: 'Analyzing' }), analysis }),
    );
    expect(decision.status.phase).toBe('Ready');
    expect(decision.status.message).toMatch(/no optimization opportunities found/);
    expect(condition(decision, 'Ready')).toBe('True');
  });
});

describe('a recommendation', () => {
  const analyzing = (spec = {}) => optimization(spec, { phase: 'Analyzing' });

  it('is applied at once where every gate is open', () => {
    const decision = decide(observation({ optimization: analyzing(), analysis: wants({ [CPU]: '400m' }) }));
    expect(kinds(decision)).toEqual(['ReserveChange']);
    expect(decision.status).toMatchObject({
      phase: 'Applying',
      applying: { strategy: 'InPlace', fields: { [CPU]: '1' }, throttledRatio: 0.01 },
      currentRecommendation: {
        changes: { cpu_request: '1' },
        target: { cpu_request: '400m' },
        riskLevel: 'LOW',
      },
    });
  });

  it.each<[string, Parameters<typeof optimization>[0], Partial<Observation>, string]>([
    ['in a dry run', { dryRun: true, autoApply: false }, {}, 'DryRun'],
    ['without autoApply', { autoApply: false }, {}, 'Approval'],
    ['with too little confidence', { minConfidence: 0.95 }, {}, 'Confidence'],
    ['while the arbiter says no', {}, { activeChanges: [{ actor: 'other', target: { kind: 'Deployment', namespace: 'shop', name: 'web' }, disruption: 'none' }] }, 'Arbiter'],
    ['on a server that cannot resize in place, if asked for', { updateStrategy: 'InPlace' }, { canResizeInPlace: false }, 'Unsettled'],
    ['while a rollout is under way', {}, { target: target({ rollout: { ...target().rollout, unsettledBecause: '1 of 2 pods are updated' } }) }, 'Unsettled'],
  ])('is only shown %s', (_name, spec, more, gate) => {
    const decision = decide(observation({ optimization: analyzing(spec), analysis: wants({ [CPU]: '1' }), ...more }));
    expect(decision.status.phase).toBe('Ready');
    expect(decision.status.currentRecommendation?.blockedBy?.[0]).toMatch(new RegExp(`^${gate}`));
    expect(decision.actions).toEqual([]);
  }); // prettier-ignore

  it('waits for the next tick after an apply, goes on for an hour after it, and then waits again', () => {
    const status = { phase: 'Ready' as const, appliedGeneration: 1, nextAnalysis: rfc3339(NOW) };
    const after = (lastApplied: string, nowMs = Date.parse('2026-11-21T06:59:00Z')) =>
      decide(
        observation({
          nowMs,
          optimization: optimization({}, { ...status, lastApplied }),
          analysis: wants({ [CPU]: '1' }),
        }),
      );
    expect(after('2026-11-21T06:30:00Z').status.currentRecommendation?.blockedBy?.[0]).toMatch(/^Schedule/);
    expect(after('2026-11-21T05:30:00Z').status.phase).toBe('Applying');
    const late = after('2026-11-21T05:30:00Z', Date.parse('2026-11-21T07:01:00Z'));
    expect(late.status.currentRecommendation?.blockedBy?.[0]).toMatch(/^Schedule/);
  });

  it('is applied on approval by its name, once', () => {
    const shown = decide(
      observation({ optimization: analyzing({ autoApply: false }), analysis: wants({ [CPU]: '1' }) }),
    );
    const id = shown.status.currentRecommendation?.id ?? '';
    const object = optimization({ autoApply: false }, { ...shown.status, nextAnalysis: rfc3339(NOW) });
    const annotated = {
      ...object,
      metadata: { ...object.metadata, annotations: { 'optimization.k8s.io/approve': id } },
    };
    const decision = decide(observation({ optimization: annotated, analysis: wants({ [CPU]: '1' }) }));
    expect(decision.status).toMatchObject({ phase: 'Applying', handledRequests: { approve: id } });
  });

  it('comes with a ready patch where GitOps owns the workload', () => {
    const surroundings = { ...observation().surroundings, gitOpsOwner: 'Argo CD (shop)' };
    const decision = decide(
      observation({ optimization: analyzing(), analysis: wants({ [CPU]: '1' }), surroundings }),
    );
    expect(decision.status.phase).toBe('Ready');
    expect(decision.status.currentRecommendation?.patch).toContain('cpu: "1"');
  });

  it('keeps the scale point of an autoscaler in the same apply', () => {
    const hpas = [
      { name: 'web', fields: { 'hpa/web/target/cpu': 60, 'hpa/web/minReplicas': 2 }, manager: undefined },
    ];
    const surroundings = { ...observation().surroundings, hpas };
    const decision = decide(
      observation({ optimization: analyzing(), analysis: wants({ [CPU]: '1' }), surroundings }),
    );
    expect(decision.status.applying?.fields).toEqual({ [CPU]: '1', 'hpa/web/target/cpu': 120 });
  });
});

describe('an apply', () => {
  const object = (more = {}) => optimization({}, { phase: 'Applying', applying: { ...applying, ...more } });

  it('stores the original before it writes', () => {
    const decision = decide(observation({ optimization: object() }));
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchWorkload', 'ResizePods']);
    const [save] = decision.actions;
    expect(save).toMatchObject({ entry: { original: { [CPU]: '2' }, intent: { changes: { [CPU]: '1' } } } });
  });

  it('writes the template where it rolls out', () => {
    const decision = decide(observation({ optimization: object({ strategy: 'Rollout' }) }));
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchWorkload']);
    expect(decision.actions[1]).toMatchObject({ changes: { [CPU]: '1' } });
  });

  it('goes on after a crash without storing or writing twice', () => {
    const intent = {
      recommendationId: 'r1',
      strategy: 'InPlace' as const,
      changes: { [CPU]: '1' },
      monthlyUsd: 58.4,
    };
    const stored = entry({}, { steps: 0, recommendationId: '', original: { [CPU]: '2' }, intent });
    const marked = target({ annotations: { 'optimization.k8s.io/optimized-at': applying.startedAt } });
    const pods = [pod('web-1', { ...SIZES, [CPU]: '1' }), pod('web-2')];
    const decision = decide(observation({ optimization: object(), entry: stored, target: marked, pods }));
    expect(decision.actions).toEqual([{ kind: 'ResizePods', pods: ['web-2'], sizes: { [CPU]: '1' } }]);
  });

  it('is confirmed when every pod really has its size, and then watched', () => {
    const intent = {
      recommendationId: 'r1',
      strategy: 'InPlace' as const,
      changes: { [CPU]: '1' },
      monthlyUsd: 58.4,
    };
    const stored = entry({}, { steps: 0, recommendationId: '', original: { [CPU]: '2' }, intent });
    const marked = target({ annotations: { 'optimization.k8s.io/optimized-at': applying.startedAt } });
    const pods = ['web-1', 'web-2'].map((name) => pod(name, { ...SIZES, [CPU]: '1' }));
    const decision = decide(observation({ optimization: object(), entry: stored, target: marked, pods }));
    expect(decision.actions).toMatchObject([
      { kind: 'SaveEntry', entry: { steps: 1, overlay: { [CPU]: '1' }, intent: null } },
    ]);
    expect(decision.status).toMatchObject({
      phase: 'Applied',
      appliedOptimizations: 1,
      verification: { result: 'Watching' },
    });
    expect(decision.status.applying).toBeUndefined();
    expect(reasons(decision)).toEqual(['OptimizationApplied']);
  });

  it('gives pods that a scale-up adds the sizes of earlier steps, which the template does not have', () => {
    const scaleUp = { ...applying, id: 'r2', strategy: 'Rollout' as const, fields: { replicas: 3 } };
    const intent = {
      recommendationId: 'r2',
      strategy: scaleUp.strategy,
      changes: scaleUp.fields,
      monthlyUsd: -5,
    };
    const before = entry({}, { original: { [CPU]: '2', replicas: 2 }, overlay: { [CPU]: '1' }, intent });
    const small = { ...SIZES, [CPU]: '1' };
    const o = observation({
      optimization: optimization({}, { phase: 'Applying', applying: scaleUp }),
      target: target({
        fields: { ...SIZES, replicas: 3 },
        annotations: { 'optimization.k8s.io/optimized-at': scaleUp.startedAt },
      }),
      entry: before,
      pods: [pod('web-1', small), pod('web-2', small), pod('web-3')],
    });
    expect(decide(o).actions).toEqual([{ kind: 'ResizePods', pods: ['web-3'], sizes: { [CPU]: '1' } }]);
  });

  it('falls back to a rollout where a node cannot resize in place', () => {
    const intent = {
      recommendationId: 'r1',
      strategy: 'InPlace' as const,
      changes: { [CPU]: '1' },
      monthlyUsd: 58.4,
    };
    const stored = entry({}, { steps: 0, original: { [CPU]: '2' }, recommendationId: '', intent });
    const marked = target({ annotations: { 'optimization.k8s.io/optimized-at': applying.startedAt } });
    const stuck = {
      problem: 'Infeasible' as const,
      message: 'static CPU manager',
      sinceMs: NOW,
      inProgress: false,
    };
    const sizes = { ...SIZES, [CPU]: '1' };
    const pods = [pod('web-1', sizes), pod('web-2', sizes, { actual: SIZES, resize: stuck })];
    const decision = decide(observation({ optimization: object(), entry: stored, target: marked, pods }));
    expect(decision.status.applying).toMatchObject({ id: 'r1-rollout', strategy: 'Rollout' });
    expect(reasons(decision)).toEqual(['ResizeFellBack']);
  });

  it('is given up without a write where the target became protected meanwhile', () => {
    const surroundings = { ...observation().surroundings, protectedBecause: 'it opted out' };
    const decision = decide(observation({ optimization: object(), surroundings }));
    expect(decision.status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('opted out') as string,
    });
    expect(decision.actions).toEqual([]);
    expect(condition(decision, 'Stalled')).toBe('True');
  });
});

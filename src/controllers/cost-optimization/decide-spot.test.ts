import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { analyzeSpot } from '#domain/spot/analyze-spot.ts';
import type { Interruption } from '#domain/spot/interruptions.ts';
import { policy, question } from '#domain/spot/testing.ts';
import type { SpotQuestion } from '#domain/spot/spot-question.ts';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import { entry, NOW, observation, optimization, pod, SIZES, target } from './testing.ts';

const kinds = (decision: Decision) =>
  decision.actions.map(({ kind }) => kind).filter((kind) => kind !== 'BookSavings');
const spec = { optimizationType: 'SPOT_INSTANCES', maxChangePercent: 100, autoApply: false } as const;

/** Ten pods; so many of them on spot nodes. */
const hosts = (onSpot: number) => Array.from({ length: 10 }, (_, index) => (index < onSpot ? 's1' : 'd1'));

function wantedFields() {
  const analysis = analyzeSpot(question());
  if (analysis.outcome !== 'wanted') throw new Error(analysis.message);
  return analysis.wanted;
}

function spotOf(
  more: Partial<SpotQuestion> = {},
  interruptions: readonly Interruption[] = [],
): NonNullable<Observation['spot']> {
  return {
    question: question({ interruptions, ...more }),
    memory: { nodes: { s1: 'uid-s1' }, interruptions },
    onDemandPrices: { cpuUsdPerCoreHour: 0.04, memoryUsdPerGibHour: 0.005, source: 'node-price-list' },
  };
}

const lost = (count: number): Interruption[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: NOW - 60_000,
    node: `s${String(index)}`,
    uid: `u${String(index)}`,
    why: 'taint x',
  }));

interface Case {
  readonly onSpot?: number;
  readonly interruptions?: readonly Interruption[];
  readonly ready?: number;
  readonly unreadyMs?: number;
  readonly result?: 'Watching' | 'Passed';
}

/** The move is in force, and its window is over. */
function inForce({
  onSpot = 8,
  interruptions = [],
  ready = 10,
  unreadyMs = 0,
  result = 'Watching',
}: Case = {}) {
  const fields = wantedFields();
  const pods = hosts(onSpot).map((nodeName, index) => {
    const isReady = index < ready;
    const base = pod(`web-${String(index)}`, SIZES, {
      nodeName,
      unreadySinceMs: isReady ? undefined : NOW - unreadyMs,
    });
    return { ...base, health: { ...base.health, ready: isReady } };
  });
  const verification = {
    beganAt: rfc3339(NOW - 7_200_000), startedAt: rfc3339(NOW - 7_200_000), endsAt: rfc3339(NOW - 6_300_000), result, restarts: 0,
  }; // prettier-ignore
  const base = target();
  return decide(
    observation({
      optimization: optimization(spec, {
        phase: 'Applied',
        appliedOptimizations: 1,
        nextAnalysis: rfc3339(NOW + 60_000),
        verification,
      }),
      entry: entry(fields, {
        original: Object.fromEntries(Object.keys(fields).map((path) => [path, null])),
        predictedMonthlyUsd: 500,
      }),
      target: {
        ...base,
        fields: { ...SIZES, replicas: 10 },
        declared: fields,
        rollout: { ...base.rollout, desiredReplicas: 10 },
      },
      pods,
      evidence: { throttledRatio: 0.01, metricsAgeMs: 30_000, serviceLevels: [] },
      spot: spotOf(
        { hosts: hosts(onSpot), present: { ...question().present, ...fields }, ours: fields },
        interruptions,
      ),
      prices: { cpuUsdPerCoreHour: 0.0176, memoryUsdPerGibHour: 0.0022, source: 'node-price-list' },
    }),
  );
}

describe('a move to spot nodes', () => {
  const analyzing = (more: Partial<CostOptimization['spec']> = {}, o: Partial<Observation> = {}) => {
    const asked = question({ policy: policy({ maxChangePercent: 100, ...more }) });
    const base = target();
    return decide(
      observation({
        optimization: optimization({ ...spec, ...more }, { phase: 'Analyzing' }),
        target: { ...base, fields: { ...SIZES, replicas: 10 }, declared: {}, rollout: { ...base.rollout, desiredReplicas: 10 } },
        analysis: analyzeSpot(asked),
        spot: spotOf(),
        ...o,
      }),
    ); // prettier-ignore
  };

  it('is recommended with its split, its price and its risk, and waits for an approval', () => {
    const { status } = analyzing();
    expect(status.phase).toBe('Ready');
    expect(status.currentRecommendation).toMatchObject({
      optimizationType: 'spot_migration',
      changes: {
        node_preference: 'karpenter.sh/capacity-type In spot',
        node_spread: 'karpenter.sh/capacity-type maxSkew 6',
      },
      riskLevel: 'LOW',
      blockedBy: ['Approval: autoApply is off: waiting for an approval'],
    });
    expect(status.currentRecommendation?.monthlySavings).toBeCloseTo(8 * 0.7 * (0.04 + 2 * 0.005) * 730, 1);
  });

  it('is a rollout, which the arbiter is asked for', () => {
    const decision = analyzing({ autoApply: true, maxChangePercent: 80, minConfidence: 0.8 });
    expect(decision.status.applying).toMatchObject({ strategy: 'Rollout' });
    expect(decision.actions[0]).toMatchObject({
      kind: 'ReserveChange',
      request: { disruption: 'restarts-pods' },
    });
  });

  it('is not possible in place', () => {
    const { status } = analyzing({ updateStrategy: 'InPlace' });
    expect(status.currentRecommendation?.blockedBy?.[0]).toMatch(/only by a rollout/);
  });

  it('comes as a patch where GitOps owns the workload', () => {
    const surroundings = { ...observation().surroundings, gitOpsOwner: 'Argo CD (shop)' };
    expect(analyzing({}, { surroundings }).status.currentRecommendation?.patch).toContain(
      'topologySpreadConstraints',
    );
  });

  it('passes its watch only once its pods really run on spot nodes', () => {
    const waiting = inForce({ onSpot: 2 });
    expect(waiting.status.verification?.result).toBe('Unknown');
    expect(waiting.status.message).toMatch(/2 pods run on spot nodes where 7 should/);
    expect(inForce({ onSpot: 8 }).status.verification?.result).toBe('Passed');
  });

  it('claims what is measured where the pods run, never what was promised', () => {
    const { status } = inForce();
    expect(status.totalSavings).toBe(status.realizedSavings?.monthlyUsd);
    expect(status.totalSavings).not.toBe(500);
    expect(status.realizedSavings?.monthlyUsd).toBeGreaterThan(0);
  });

  it('shows where its pods run', () => {
    expect(inForce().status.spot).toMatchObject({
      provider: 'karpenter',
      onSpot: 8,
      onDemand: 2,
      nodes: { s1: 'uid-s1' },
    });
  });

  it('endures a few interruptions, and tells each once', () => {
    const decision = inForce({ interruptions: lost(2), result: 'Passed' });
    expect(decision.status.phase).toBe('Applied');
    expect(decision.events.filter(({ reason }) => reason === 'SpotInterrupted')).toHaveLength(2);
  });

  it('is taken back after too many, the template first', () => {
    const decision = inForce({ interruptions: lost(4), result: 'Passed' });
    expect(decision.status).toMatchObject({ phase: 'RolledBack', regressions: [{ reason: 'Interrupted' }] });
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchWorkload']);
    const [, patch] = decision.actions.filter(({ kind }) => kind !== 'BookSavings');
    expect(patch).toMatchObject({
      changes: Object.fromEntries(Object.keys(wantedFields()).map((path) => [path, null])),
    });
    expect(decision.status.regressions?.[0]?.floors).toBeUndefined();
  });

  it.each<[string, Case, string]>([
    ['a few pods for some minutes after an interruption', { ready: 8, unreadyMs: 6 * 60_000, interruptions: lost(1) }, 'Applied'],
    ['a few pods for long', { ready: 8, unreadyMs: 16 * 60_000, interruptions: lost(1) }, 'RolledBack'],
    ['many pods at once', { ready: 6, unreadyMs: 6 * 60_000, interruptions: lost(1) }, 'RolledBack'],
    ['pods without any interruption', { ready: 8, unreadyMs: 6 * 60_000 }, 'RolledBack'],
  ])('that lacks %s ends as %s', (_name, given, phase) => {
    expect(inForce({ ...given, result: 'Passed' }).status.phase).toBe(phase);
  }); // prettier-ignore
});

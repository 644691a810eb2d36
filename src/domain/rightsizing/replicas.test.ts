import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceOf } from './confidence.ts';
import { correlation, memoryFollowsLoad, totalOf } from './load.ts';
import { recommendReplicas, type ReplicaQuestion, type ReplicaRecommendation } from './replicas.ts';
import { dailyCycle, endOf, type Moment, recorded, STEPS_PER_DAY } from './testing/recorded.ts';

const GIB = 2 ** 30;

function question(
  change: Partial<ReplicaQuestion> & { pods?: number; cpu?: (at: Moment) => number } = {},
): ReplicaQuestion {
  const { pods = 10, cpu = (at: Moment) => 0.1 * dailyCycle(at), ...rest } = change;
  const cpuCores = recorded(14, cpu, pods);
  return {
    workload: 'Deployment shop/web',
    workloadKind: 'Deployment',
    nowMs: endOf(cpuCores),
    cpuCores,
    memoryBytes: recorded(14, () => GIB, pods),
    podCpuCores: 1,
    podMemoryBytes: 2 * GIB,
    replicas: pods,
    ...rest,
  };
}

function given(asked: ReplicaQuestion): ReplicaRecommendation {
  const outcome = recommendReplicas(asked);
  if (outcome.kind === 'refusal') throw new Error(outcome.message);
  return outcome;
}

describe('replicas', () => {
  it('follow the demand down and up, with room for a failure', () => {
    // Ten pods use at most 1.6 cores together.
    expect(given(question())).toMatchObject({ action: 'lower', replicas: 3 });
    expect(given(question({ cpu: (at) => 0.6 * dailyCycle(at) }))).toMatchObject({ action: 'raise' });
    expect(given(question({ pods: 3, cpu: (at) => 0.33 * dailyCycle(at) }))).toMatchObject({
      action: 'keep',
      replicas: 3,
    });
  });

  it('are trusted where demand is regular', () => {
    expect(given(question()).confidence).toBeGreaterThan(0.85);
  });

  it('are judged in replicas, however large a replica is', () => {
    for (const podCpuCores of [0.05, 1, 20]) {
      const cpu = (at: Moment): number => 0.1 * podCpuCores * dailyCycle(at);
      const { basis, confidence, replicas } = given(question({ podCpuCores, cpu }));
      expect(confidenceOf(basis, replicas)).toBe(confidence);
      expect(confidence).toBeGreaterThan(0.85);
      expect(confidenceOf(basis, replicas / 2)).toBeLessThan(0.2);
    }
  });

  it('carry the demand of the day at the target, whatever it is', () => {
    const loads = fc.double({ min: 0.001, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 40 }), (load, pods) => {
        const asked = question({ pods, cpu: () => load });
        const { replicas } = given(asked);
        expect(replicas).toBeGreaterThanOrEqual(1);
        expect(replicas * 0.7).toBeGreaterThanOrEqual(load * pods * 0.99);
        if (pods > 1) expect(replicas).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 15 },
    );
  });

  it('grow with the demand', () => {
    const counts = [0.05, 0.1, 0.2, 0.4, 0.8].map((load) => given(question({ cpu: () => load })).replicas);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  it('keep a season in mind that the last hours do not show', () => {
    const nightly = (at: Moment) => (at.hour >= 1 && at.hour < 3 ? 0.6 : 0.05);
    expect(given(question({ cpu: nightly })).replicas).toBeGreaterThanOrEqual(8);
  });

  it('keep to bounds: never below a disruption budget, never below one', () => {
    expect(given(question({ minReplicas: 6 })).replicas).toBe(6);
    expect(given(question({ cpu: () => 0, minReplicas: 0, pods: 1 })).replicas).toBe(1);
    expect(given(question({ cpu: () => 2, maxReplicas: 12 })).replicas).toBe(12);
  });

  it('leave a single replica single: it has chosen to do without a stand-in', () => {
    expect(given(question({ pods: 1 }))).toMatchObject({ action: 'keep', replicas: 1 });
  });

  it('hold the memory where it goes with the load', () => {
    const memoryBytes = recorded(14, (at) => GIB * dailyCycle(at), 10);
    expect(given(question({ memoryBytes })).replicas).toBeGreaterThanOrEqual(8);
    expect(recommendReplicas(question({ memoryBytes, podMemoryBytes: undefined }))).toMatchObject({
      code: 'no-data',
    });
  });
});

describe('replicas are refused', () => {
  const unknown = recorded(14, () => Number.NaN, 10);
  const silent = (series: ReturnType<typeof recorded>) => ({ ...series, pods: series.pods.fill(Number.NaN) });

  it.each<[string, Partial<ReplicaQuestion>, string]>([
    ['for a DaemonSet', { workloadKind: 'DaemonSet' }, 'not-scalable'],
    ['where an autoscaler sets them', { autoscaler: 'HPA web' }, 'other-owner'],
    ['without CPU usage', { cpuCores: undefined }, 'no-data'],
    ['with unknown CPU usage', { cpuCores: unknown }, 'no-data'],
    ['without a count of pods', { cpuCores: silent(recorded(14, dailyCycle, 10)) }, 'no-data'],
    ['without a request', { podCpuCores: undefined }, 'no-data'],
    ['when fewer would do but memory is unknown', { memoryBytes: unknown }, 'no-data'],
    ['when fewer would do but memory is not measured', { memoryBytes: undefined }, 'no-data'],
  ])('%s', (_name, change, code) => {
    expect(recommendReplicas(question(change))).toMatchObject({ kind: 'refusal', code });
  });

  it('on stale or short data', () => {
    const asked = question();
    expect(recommendReplicas({ ...asked, nowMs: asked.nowMs + 7_200_000 })).toMatchObject({ code: 'stale' });
    const cpuCores = recorded(1, dailyCycle, 10);
    expect(recommendReplicas({ ...asked, cpuCores, nowMs: endOf(cpuCores) })).toMatchObject({
      code: 'short-history',
    });
  });
});

describe('the load of a workload', () => {
  it('is the mean times the pods, unknown where either is', () => {
    const series = {
      ...recorded(1, () => 2),
      pods: new Float64Array(STEPS_PER_DAY).map((_, i) => (i === 0 ? Number.NaN : 3)),
    };
    expect([...totalOf(series).max.subarray(0, 2)]).toEqual([Number.NaN, 6]);
  });

  it('tells whether memory goes with it', () => {
    const cpu = recorded(3, dailyCycle);
    expect(
      memoryFollowsLoad(
        cpu,
        recorded(3, (at) => 1 + dailyCycle(at)),
      ).follows,
    ).toBe(true);
    expect(
      memoryFollowsLoad(
        cpu,
        recorded(3, () => 1),
      ).follows,
    ).toBe(false);
    expect(
      memoryFollowsLoad(
        cpu,
        recorded(3, ({ noise }) => noise),
      ).follows,
    ).toBe(false);
  });

  it('correlates only what both know', () => {
    expect(correlation(Float64Array.of(1, Number.NaN, 3, 4), Float64Array.of(2, 9, 6, 8))).toBeCloseTo(1, 12);
    expect(correlation(Float64Array.of(1, 2), Float64Array.of(5, 5))).toBeNaN();
  });
});

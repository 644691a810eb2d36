import { describe, expect, it } from 'vitest';
import { amountOf, type FieldMap } from '../change/field.ts';
import { readPolicy } from '../policy/optimization-policy.ts';
import type { UsageSeries, WorkloadUsage } from '../usage/usage.ts';
import { type AnalysisQuestion, analyzeUsage, unknownAnalysis } from './analyze-usage.ts';

const STEP = 300_000;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const GIB = 2 ** 30;
const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';
const MEMORY_LIMIT = 'containers/app/limits/memory';

/** A series over `days`, by the share of the day that has passed. */
function series(days: number, valueAt: (share: number) => number, pods = 3): UsageSeries {
  const steps = Math.round((days * DAY) / STEP);
  const startMs = NOW - steps * STEP;
  const values = Float64Array.from({ length: steps }, (_, step) =>
    valueAt(((startMs + step * STEP) % DAY) / DAY),
  );
  return { startMs, stepMs: STEP, max: values, mean: values, pods: new Float64Array(steps).fill(pods) };
}

const daily = (share: number): number => 0.25 + 0.15 * Math.sin(2 * Math.PI * share);

function question(more: Partial<AnalysisQuestion> = {}, days = 14): AnalysisQuestion {
  const usage: WorkloadUsage = {
    workload: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    fromMs: NOW - 14 * DAY,
    toMs: NOW,
    source: 'test',
    lastSampleAtMs: NOW,
    containers: [
      {
        container: 'app',
        cpuCores: series(days, daily),
        memoryBytes: series(days, (share) => (0.5 + 0.1 * daily(share)) * GIB),
        oomKills: [],
      },
    ],
  };
  return {
    usage,
    query: { fromMs: NOW - 14 * DAY, toMs: NOW, stepMs: STEP },
    policy: policy({}),
    present: {
      [CPU]: '2',
      [MEMORY]: '4Gi',
      [MEMORY_LIMIT]: '4Gi',
      'containers/app/limits/cpu': null,
      replicas: 5,
    },
    replicas: 5,
    floors: {},
    autoscaler: undefined,
    ...more,
  };
}

function policy(spec: object): AnalysisQuestion['policy'] {
  return readPolicy({
    metadata: { name: 'o', namespace: 'shop' },
    spec: {
      targetWorkload: { kind: 'Deployment', name: 'web' },
      optimizationType: 'ALL',
      metricsWindow: '14d',
      ...spec,
    },
  });
}

function wantedOf(more: Partial<AnalysisQuestion> = {}, days?: number): FieldMap {
  const analysis = analyzeUsage(question(more, days));
  return analysis.outcome === 'wanted' ? analysis.wanted : {};
}

describe('the analysis of usage', () => {
  it('sizes CPU and memory, the limit with the request, well below what was asked for and above what was used', () => {
    const wanted = wantedOf();
    expect(amountOf(wanted[CPU])).toBeGreaterThan(0.3);
    expect(amountOf(wanted[CPU])).toBeLessThan(0.6);
    expect(amountOf(wanted[MEMORY])).toBeGreaterThan(0.54 * GIB);
    expect(amountOf(wanted[MEMORY])).toBeLessThan(GIB);
    expect(wanted[MEMORY_LIMIT]).toBe(wanted[MEMORY]);
  });

  it('is sure enough on two regular weeks, and less sure of a smaller size than of a larger one', () => {
    const analysis = analyzeUsage(question());
    if (analysis.outcome !== 'wanted') expect.unreachable();
    const target = analysis.assess(analysis.wanted);
    expect(target.confidence).toBeGreaterThanOrEqual(0.85);
    expect(analysis.assess({ [CPU]: '1' }).confidence).toBeGreaterThanOrEqual(target.confidence);
    expect(analysis.assess({ [CPU]: '300m' }).confidence).toBeLessThan(target.confidence);
    expect(analysis.assess({ [CPU]: '1' }).risk).toBe('LOW');
  });

  it('is as sure of a step up as of the size that it leads to', () => {
    const small = { ...question().present, [CPU]: '100m' };
    const analysis = analyzeUsage(question({ present: small, policy: policy({ optimizationType: 'CPU' }) }));
    if (analysis.outcome !== 'wanted') expect.unreachable();
    const target = analysis.assess(analysis.wanted);
    expect(analysis.assess({ [CPU]: '150m' }).confidence).toBe(target.confidence);
    expect(analysis.assess({ [CPU]: '90m' }).confidence).toBeLessThan(target.confidence);
  });

  it('changes only what its type covers', () => {
    expect(Object.keys(wantedOf({ policy: policy({ optimizationType: 'CPU' }) }))).toEqual([CPU]);
    expect(Object.keys(wantedOf({ policy: policy({ optimizationType: 'MEMORY' }) }))).toEqual([
      MEMORY,
      MEMORY_LIMIT,
    ]);
    expect(Object.keys(wantedOf({ policy: policy({ optimizationType: 'REPLICAS' }) }))).toEqual(['replicas']);
  });

  it('leaves replicas for later while sizes still move', () => {
    expect(wantedOf()).not.toHaveProperty('replicas');
  });

  it('adds no replicas to pods that are sized to be full', () => {
    const sized = { ...question().present, ...wantedOf(), replicas: 3 };
    const asked = { present: sized, replicas: 3 };
    expect(wantedOf(asked)).not.toHaveProperty('replicas');
    const alone = { ...asked, policy: policy({ optimizationType: 'REPLICAS' }) };
    expect(wantedOf(alone)).toEqual({ replicas: 5 });
  });

  it('keeps to bounds, to learned floors, and off containers that are switched off', () => {
    expect(wantedOf({ policy: policy({ containers: [{ name: 'app', minCpu: '800m' }] }) })[CPU]).toBe('800m');
    expect(amountOf(wantedOf({ floors: { [CPU]: '1' } })[CPU])).toBeGreaterThan(1);
    expect(wantedOf({ policy: policy({ containers: [{ name: '*', mode: 'Off' }] }) })).not.toHaveProperty(
      CPU,
    );
  });

  it('sizes only the resources that a container policy names', () => {
    const memoryOnly = policy({ containers: [{ name: 'app', controlledResources: ['memory'] }] });
    expect(Object.keys(wantedOf({ policy: memoryOnly }))).toEqual([MEMORY, MEMORY_LIMIT]);
    const cpuOnly = policy({
      optimizationType: 'MEMORY',
      containers: [{ name: '*', controlledResources: ['cpu'] }],
    });
    expect(analyzeUsage(question({ policy: cpuOnly }))).toMatchObject({
      outcome: 'unknown',
      message: 'nothing of this type can be analysed',
    });
  });

  it('moves sizes only in the direction that is allowed', () => {
    const only = (direction: 'RaiseOnly' | 'LowerOnly', cores: string): string | undefined => {
      const asked = policy({ optimizationType: 'CPU', containers: [{ name: 'app', direction }] });
      const analysis = analyzeUsage(question({ policy: asked, present: { [CPU]: cores, replicas: 3 } }));
      return analysis.outcome === 'wanted' ? String(analysis.wanted[CPU]) : undefined;
    };
    expect(only('RaiseOnly', '8')).toBeUndefined();
    expect(only('LowerOnly', '50m')).toBeUndefined();
    expect(amountOf(only('LowerOnly', '8'))).toBeLessThan(8);
    expect(amountOf(only('RaiseOnly', '50m'))).toBeGreaterThan(0.05);
  });

  it('says nothing on too little data, and says why', () => {
    const analysis = analyzeUsage(question({}, 0.5));
    expect(analysis).toMatchObject({ outcome: 'unknown', reason: 'InsufficientHistory' });
    const empty = question();
    const none = analyzeUsage({ ...empty, usage: { ...empty.usage, containers: [] } });
    expect(none).toMatchObject({
      outcome: 'unknown',
      reason: 'NoData',
      quality: { samples: 0, coverage: 0 },
    });
  });

  it('is content where sizes are right', () => {
    const only = { policy: policy({ optimizationType: 'CPU' }) };
    const present = { ...question().present, ...wantedOf(only) };
    expect(analyzeUsage(question({ ...only, present })).outcome).toBe('nothing');
  });

  it('reports a workload that does nothing, and deletes nothing', () => {
    const idle = question();
    const [container] = idle.usage.containers;
    const containers = [
      {
        ...container,
        container: 'app',
        oomKills: [],
        cpuCores: series(14, () => 0.001),
        memoryBytes: series(14, () => 1e7),
      },
    ];
    const analysis = analyzeUsage({ ...idle, usage: { ...idle.usage, containers } });
    expect(analysis.alternatives.map(({ action }) => action)).toContain('delete_unused');
  });

  it('leaves replicas to their autoscaler', () => {
    const analysis = analyzeUsage(
      question({ policy: policy({ optimizationType: 'REPLICAS' }), autoscaler: 'web' }),
    );
    expect(analysis).toMatchObject({ outcome: 'unknown', reason: 'OwnedByAutoscaler' });
  });

  it('shows what it looked at, with source and age', () => {
    const [input] = analyzeUsage(question()).inputs;
    expect(input?.name).toMatch(/^app cpu: /);
    expect(input?.source).toMatch(/^test: /);
    expect(analyzeUsage(question()).quality).toMatchObject({
      samples: 4032,
      coverage: 1,
      ageSeconds: 0,
      source: 'test',
    });
  });

  it('is unknown where the source does not answer', () => {
    const analysis = unknownAnalysis({
      nowMs: NOW,
      reason: 'MetricsUnavailable',
      message: 'refused',
      source: 'prometheus',
    });
    expect(analysis).toMatchObject({ outcome: 'unknown', quality: { samples: 0, source: 'prometheus' } });
  });
});

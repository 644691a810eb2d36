import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { defaultCostOptimization } from './default.ts';
import { type ValidationFacts, validateCostOptimization } from './validate.ts';

type Spec = CostOptimization['spec'];

function optimization(spec: Partial<Spec> = {}, name = 'cpu', namespace = 'shop'): CostOptimization {
  return {
    metadata: { name, namespace },
    spec: { targetWorkload: { kind: 'Deployment', name: 'web' }, optimizationType: 'CPU', ...spec },
  };
}

const calm: ValidationFacts = {
  targetMeta: { labels: {}, annotations: {} },
  namespaceAnnotations: {},
  operatorNamespace: 'cost-optimizer',
  userMayPatchTarget: undefined,
  user: 'ada',
  others: [],
};

function fields(spec: Partial<Spec>, facts: Partial<ValidationFacts> = {}): string[] {
  const result = validateCostOptimization(optimization(spec), { ...calm, ...facts });
  return result.problems.map((problem) => problem.field);
}

describe('admission of a CostOptimization', () => {
  it('accepts an ordinary one without a word', () => {
    expect(validateCostOptimization(optimization(), calm)).toEqual({ problems: [], warnings: [] });
  });

  it.each<[string, Partial<Spec>, Partial<ValidationFacts>, string[]]>([
    ['an unreadable schedule', { schedule: 'sometimes' }, {}, ['spec.schedule']],
    ['an unknown time zone', { timeZone: 'Nowhere/Here' }, {}, ['spec.timeZone']],
    ['a window above 90 days', { metricsWindow: '91d' }, {}, ['spec.metricsWindow']],
    ['bounds that are no quantities', { containers: [{ name: 'a', minCpu: 'lots', maxMemory: '1Gib' }] }, {}, ['spec.containers[0].minCpu', 'spec.containers[0].maxMemory']],
    ['an OOM bump that is no quantity', { containers: [{ name: 'a', oomMinBumpUp: 'some' }] }, {}, ['spec.containers[0].oomMinBumpUp']],
    ['crossed bounds', { containers: [{ name: 'a', minCpu: '2', maxCpu: '1' }] }, {}, ['spec.containers[0].minCpu']],
    ['a protected namespace of the target, not of the object', { targetWorkload: { kind: 'Deployment', name: 'web', namespace: 'kube-system' } }, {}, ['spec.targetWorkload']],
    ['a protected name', { targetWorkload: { kind: 'Deployment', name: 'coredns' } }, {}, ['spec.targetWorkload']],
    ['a controller', {}, { targetMeta: { labels: { 'app.kubernetes.io/component': 'controller' } } }, ['spec.targetWorkload']],
    ['a user without the right to patch there', { targetWorkload: { kind: 'Deployment', name: 'web', namespace: 'bank' } }, { userMayPatchTarget: false }, ['spec.targetWorkload.namespace']],
    ['a second owner of the same aspect', { optimizationType: 'ALL' }, { others: [optimization({ optimizationType: 'MEMORY' }, 'memory')] }, ['spec.optimizationType']],
  ])('refuses %s', (_name, spec, facts, expected) => {
    expect(fields(spec, facts)).toEqual(expected);
  }); // prettier-ignore

  it('lets two share a workload where they change different things', () => {
    expect(fields({ optimizationType: 'CPU' }, { others: [optimization({ optimizationType: 'REPLICAS' }, 'r')] })).toEqual([]);
  }); // prettier-ignore

  it('does not count one that is going away', () => {
    const leaving = optimization({}, 'old');
    const others = [
      { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-11-21T00:00:00Z' } },
    ];
    expect(fields({}, { others })).toEqual([]);
  });

  it('tells what is wrong, in which field, and how to mend it', () => {
    const { problems } = validateCostOptimization(optimization({ schedule: 'sometimes' }), calm);
    expect(problems[0]?.message).toMatch(/"sometimes" is not a cron expression.*; write five fields/);
  });

  it('accepts an unknown target with a warning, for GitOps order', () => {
    const result = validateCostOptimization(optimization(), { ...calm, targetMeta: undefined });
    expect(result.problems).toEqual([]);
    expect(result.warnings[0]).toMatch(/Deployment shop\/web does not exist yet/);
  });

  it('adds the label of the manager and nothing else', () => {
    const given = { ...optimization(), metadata: { name: 'cpu', labels: { team: 'a' } } };
    expect(defaultCostOptimization(given).metadata.labels).toEqual({
      team: 'a',
      'app.kubernetes.io/managed-by': 'cost-optimizer-operator',
    });
  });
});

/** What others do to the workload while we optimize it. */
import { describe, expect, it } from 'vitest';
import {
  OPTIMIZED_AT,
  OPTIMIZED_BY,
  ROLLED_BACK_AT,
} from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { rfc3339 } from '#platform/clock.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import { CPU, entry, MEMORY, NOW, observation, optimization, SIZES, target } from './testing.ts';

const kinds = (decision: Decision): string[] => decision.actions.map((action) => action.kind);

const applying = {
  id: 'r2',
  startedAt: rfc3339(NOW - 5_000),
  strategy: 'Rollout' as const,
  monthlySavings: 5,
  fields: { [CPU]: '1', [MEMORY]: '2Gi' },
};
const intent = {
  recommendationId: 'r2',
  strategy: 'Rollout' as const,
  changes: applying.fields,
  monthlyUsd: 5,
};

const whileApplying = (more: Partial<Observation>): Observation =>
  observation({ optimization: optimization({}, { phase: 'Applying', applying }), ...more });

describe('a field that someone else sets while it is applied', () => {
  const begun = entry({}, { steps: 0, original: { [CPU]: '2', [MEMORY]: '4Gi' }, intent });

  it('is left to them; the others are still written', () => {
    const mine = { ...begun, intent: { ...intent, changes: { [CPU]: '1' } } };
    const decision = decide(
      whileApplying({ entry: mine, target: target({ fields: { ...SIZES, [MEMORY]: '3Gi' } }) }),
    );
    expect(decision.actions).toMatchObject([{ kind: 'PatchWorkload', changes: { [CPU]: '1' } }]);
    expect(decision.status.applying?.fields).toEqual({ [CPU]: '1' });
  });

  it('ends the apply where nothing else was to be written', () => {
    const none = { ...begun, intent: { ...intent, changes: {} } };
    const decision = decide(whileApplying({ entry: none }));
    expect(kinds(decision)).toEqual(['RemoveEntry']);
    expect(decision.status).toMatchObject({ phase: 'Ready', regressions: [{ reason: 'Overridden' }] });
  });

  it('leaves what earlier steps did in force', () => {
    const earlier = { ...begun, steps: 1, intent: { ...intent, changes: {} } };
    const decision = decide(whileApplying({ entry: earlier }));
    expect(decision.actions).toMatchObject([{ kind: 'SaveEntry', entry: { intent: null, steps: 1 } }]);
    expect(decision.status.phase).toBe('Applied');
    expect(decision.status.applying).toBeUndefined();
  });
});

describe('a workload of the same name', () => {
  it.each(['Applying', 'Applied', 'Failed'] as const)(
    'is not changed under the entry of its predecessor (%s)',
    (phase) => {
      const status = { phase, ...(phase === 'Applying' ? { applying } : {}) };
      const old = entry({ [CPU]: '1' }, { intent: phase === 'Applied' ? null : intent });
      const decision = decide(
        observation({ optimization: optimization({}, status), entry: old, target: target({ uid: 'w2' }) }),
      );
      expect(kinds(decision)).toEqual(['RemoveEntry']);
      expect(decision.status.phase).toBe('Analyzing');
    },
  );
});

describe('an autoscaler whose target follows the requests', () => {
  const TARGET_CPU = 'hpa/web/target/cpu';
  const hpa = { name: 'web', fields: { [TARGET_CPU]: 140 }, manager: undefined, maxReplicas: 5 };
  const raised = entry({ [CPU]: '1', [TARGET_CPU]: 140 }, { original: { [CPU]: '2', [TARGET_CPU]: 70 } });
  const seen = (cpu: string, uid = 'w1'): Decision => {
    const { surroundings } = observation();
    const fields = { ...SIZES, [CPU]: cpu, replicas: 2 };
    const status = { phase: 'Applied' as const, appliedOptimizations: 1 };
    return decide(
      observation({
        optimization: optimization({}, status),
        surroundings: { ...surroundings, hpas: [hpa] },
        entry: raised,
        target: target({ fields, uid }),
      }),
    );
  };

  it('gets its target back where others set the requests', () => {
    const decision = seen('3');
    expect(kinds(decision)).toEqual(['SaveEntry', 'PatchHpas']);
    expect(decision.actions[1]).toMatchObject({ changes: { [TARGET_CPU]: 70 } });
    expect(decision.status).toMatchObject({ phase: 'RolledBack', regressions: [{ reason: 'Overridden' }] });
  });

  it('keeps it while the requests are ours', () => {
    expect(kinds(seen('1'))).not.toContain('PatchHpas');
  });

  it('gets it back where the workload was replaced: it has outlived the change', () => {
    expect(kinds(seen('2', 'w2'))).toEqual(['PatchHpas', 'RemoveEntry']);
  });
});

describe('our annotations', () => {
  const deleted = (annotations: Record<string, string>): Decision => {
    const calm = optimization();
    const leaving = { ...calm, metadata: { ...calm.metadata, deletionTimestamp: rfc3339(NOW) } };
    return decide(observation({ optimization: leaving, target: target({ annotations }) }));
  };

  it('go with the CostOptimization, even long after a rollback', () => {
    const decision = deleted({ [ROLLED_BACK_AT]: rfc3339(NOW - 1e6), team: 'shop' });
    expect(decision.actions[0]).toMatchObject({
      kind: 'PatchWorkload',
      changes: {},
      annotations: { [ROLLED_BACK_AT]: null },
    });
  });

  it('stay where they are those of another CostOptimization', () => {
    const decision = deleted({ [OPTIMIZED_AT]: rfc3339(NOW), [OPTIMIZED_BY]: 'shop/other' });
    expect(kinds(decision)).toEqual(['RemoveFinalizer']);
  });
});

describe('a resize in place', () => {
  it('never sets a request that was absent, since no resize could take it back', () => {
    const bare = target({ fields: { ...SIZES, [CPU]: null, replicas: 2 } });
    const o = observation({ target: bare, canResizeInPlace: true });
    expect(chooseStrategy(o, bare, { [CPU]: '500m' }).strategy).toBe('Rollout');
    expect(chooseStrategy(o, bare, { [MEMORY]: '3Gi' }).strategy).toBe('InPlace');
  });
});

import { describe, expect, it } from 'vitest';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import {
  condition,
  kinds,
  reasons,
  CPU,
  entry,
  MEMORY,
  NOW,
  observation,
  optimization,
  pod,
  SIZES,
  target,
  wants,
} from './testing.ts';

const watching = {
  beganAt: rfc3339(NOW - 120_000),
  startedAt: rfc3339(NOW - 60_000),
  endsAt: rfc3339(NOW + 840_000),
  result: 'Watching' as const,
  restarts: 0,
};

describe('a change in force', () => {
  const sized = (name: string) => pod(name, { ...SIZES, [CPU]: '1' });
  const inForce = (more: Partial<Observation> = {}, status = {}) =>
    observation({
      optimization: optimization({}, { phase: 'Applied', appliedOptimizations: 1, verification: watching, nextAnalysis: rfc3339(NOW + 1e6), ...status }),
      entry: entry({}, { original: { [CPU]: '2' }, overlay: { [CPU]: '1' } }),
      pods: [sized('web-1'), sized('web-2')],
      evidence: { throttledRatio: 0.01, metricsAgeMs: 20_000, serviceLevels: [] },
      ...more,
    }); // prettier-ignore

  it('is watched, and its savings are booked', () => {
    const decision = decide(inForce());
    expect(kinds(decision)).toEqual(['BookSavings']);
    expect(decision.status).toMatchObject({
      phase: 'Applied',
      totalSavings: 10,
      verification: { result: 'Watching' },
    });
    expect(decision.status.realizedSavings).toMatchObject({ monthlyUsd: 58.4, predictedMonthlyUsd: 10 });
  });

  it('passes after its window, and then counts what is realised', () => {
    const verification = { ...watching, startedAt: rfc3339(NOW - 900_000), endsAt: rfc3339(NOW) };
    const decision = decide(inForce({}, { verification }));
    expect(decision.status).toMatchObject({
      verification: { result: 'Passed' },
      totalSavings: 58.4,
      savings: '58.40',
    });
    expect(condition(decision, 'Verified')).toBe('True');
  });

  it('gives new pods the size that is in force', () => {
    const decision = decide(inForce({ pods: [sized('web-1'), pod('web-3')] }));
    expect(decision.actions[0]).toMatchObject({ kind: 'ResizePods', pods: ['web-3'] });
  });

  it('is rolled back on harm: recorded first, then undone, then remembered with a floor', () => {
    const killed = pod('web-1', { ...SIZES, [MEMORY]: '1Gi' });
    const containers = [{ container: 'app', restarts: 1, crashLooping: false, oomKilledAtMs: NOW - 5_000 }];
    const pods = [{ ...killed, health: { ...killed.health, containers } }];
    const shrunk = entry({}, { original: { [MEMORY]: '4Gi' }, overlay: { [MEMORY]: '1Gi' } });
    const decision = decide(inForce({ pods, entry: shrunk }));
    expect(kinds(decision)).toEqual(['SaveEntry', 'ResizePods']);
    expect(decision.actions[0]).toMatchObject({ entry: { restoring: { reason: 'OOMKilled' } } });
    expect(decision.status).toMatchObject({
      phase: 'RolledBack',
      appliedOptimizations: 0,
      totalSavings: 0,
      regressions: [{ reason: 'OOMKilled', floors: { [MEMORY]: '1Gi' } }],
    });
  });

  it('stays where rollbackOnFailure is off, and the failure shows', () => {
    const object = optimization(
      { rollbackOnFailure: false },
      { phase: 'Applied', appliedOptimizations: 1, verification: watching },
    );
    const looping = pod('web-1', { ...SIZES, [CPU]: '1' });
    const containers = [{ container: 'app', restarts: 9, crashLooping: true, oomKilledAtMs: undefined }];
    const pods = [{ ...looping, health: { ...looping.health, containers } }];
    const decision = decide(inForce({ optimization: object, pods }));
    expect(decision.status).toMatchObject({ phase: 'Failed', verification: { result: 'Regressed' } });
    expect(kinds(decision)).toEqual([]);
  });

  it('is let go where someone else set every field again', () => {
    const decision = decide(inForce({ entry: entry({ [CPU]: '1' }) }));
    expect(kinds(decision)).toEqual(['RemoveEntry']);
    expect(decision.status).toMatchObject({ phase: 'Ready', regressions: [{ reason: 'Overridden' }] });
  });

  it('is forgotten with a workload that was deleted', () => {
    const decision = decide(inForce({ target: undefined, pods: [] }));
    expect(kinds(decision)).toEqual(['RemoveEntry']);
    expect(decision.status.phase).toBe('Pending');
  });

  it('is rolled back on request, and held until the spec changes', () => {
    const asked = inForce();
    const metadata = {
      ...asked.optimization.metadata,
      annotations: { 'optimization.k8s.io/rollback': 'now' },
    };
    const decision = decide({ ...asked, optimization: { ...asked.optimization, metadata } });
    expect(decision.status).toMatchObject({
      phase: 'RolledBack',
      handledRequests: { rollback: 'now' },
      regressions: [{ reason: 'Manual' }],
    });
    const later = {
      ...asked.optimization,
      metadata,
      status: { ...decision.status, nextAnalysis: rfc3339(NOW) },
    };
    const next = decide(observation({ optimization: later, analysis: wants({ [CPU]: '1' }) }));
    expect(next.status.phase).toBe('RolledBack');
    expect(next.status.currentRecommendation?.blockedBy).toContainEqual(expect.stringMatching(/^Held/));
  });
});

describe('a rollback', () => {
  const cause = { reason: 'OOMKilled', message: 'web-1', atMs: NOW - 1000 };

  it('goes on after a crash, whatever the status says', () => {
    const stored = entry({ [CPU]: '1' }, { restoring: cause });
    const fields = { ...SIZES, [CPU]: '1', replicas: 2 };
    const o = observation({
      optimization: optimization({}, { phase: 'Applied' }),
      entry: stored,
      target: target({ fields }),
    });
    const decision = decide(o);
    expect(decision.actions).toMatchObject([{ kind: 'PatchWorkload', changes: { [CPU]: '2' } }]);
    expect(decision.status).toMatchObject({ phase: 'RolledBack', lastRolledBack: rfc3339(cause.atMs) });
  });

  it('forgets the original only when it is undone and remembered', () => {
    const stored = entry({ [CPU]: '1' }, { restoring: cause });
    const status = { phase: 'RolledBack' as const, lastRolledBack: rfc3339(cause.atMs) };
    expect(kinds(decide(observation({ optimization: optimization({}, status), entry: stored })))).toEqual([
      'RemoveEntry',
    ]);
  });
});

describe('deletion', () => {
  const deleted = (more: Partial<Observation>): Decision => {
    const object = optimization({}, { phase: 'Applied' });
    const metadata = { ...object.metadata, deletionTimestamp: rfc3339(NOW) };
    return decide(observation({ optimization: { ...object, metadata }, ...more }));
  };

  it('restores, forgets and lets go, in this order', () => {
    const fields = { ...SIZES, [CPU]: '1', replicas: 2 };
    const decision = deleted({
      entry: entry({ [CPU]: '1' }),
      target: target({ fields, annotations: { 'optimization.k8s.io/optimized-at': 'x' } }),
    });
    expect(kinds(decision)).toEqual(['PatchWorkload', 'RemoveEntry', 'RemoveFinalizer']);
    expect(decision.actions[0]).toMatchObject({
      changes: { [CPU]: '2' },
      annotations: { 'optimization.k8s.io/optimized-at': null },
    });
    expect(reasons(decision)).toEqual(['OptimizationRolledBack', 'OptimizationDeleted']);
  });

  it('keeps the edits of others', () => {
    const fields = { ...SIZES, [CPU]: '3', replicas: 2 };
    const decision = deleted({ entry: entry({ [CPU]: '1' }), target: target({ fields }) });
    expect(kinds(decision)).toEqual(['RemoveEntry', 'RemoveFinalizer']);
    expect(reasons(decision)).toContain('EditsKept');
  });

  it('ends where the workload is gone, or was made anew', () => {
    expect(kinds(deleted({ entry: entry({ [CPU]: '1' }), target: undefined }))).toEqual(['RemoveEntry', 'RemoveFinalizer']);
    expect(kinds(deleted({ entry: entry({ [CPU]: '1' }), target: target({ uid: 'w2' }) }))).toEqual(['RemoveEntry', 'RemoveFinalizer']);
    expect(kinds(deleted({}))).toEqual(['RemoveFinalizer']);
  }); // prettier-ignore

  it('grows sizes back before it lowers the target of an autoscaler', () => {
    const hpas = [{ name: 'web', fields: { 'hpa/web/target/cpu': 120 }, manager: undefined }];
    const surroundings = { ...observation().surroundings, hpas };
    const applied = entry(
      { [CPU]: '1', 'hpa/web/target/cpu': 120 },
      { original: { [CPU]: '2', 'hpa/web/target/cpu': 60 } },
    );
    const fields = { ...SIZES, [CPU]: '1', replicas: 2 };
    const decision = deleted({ entry: applied, target: target({ fields }), surroundings });
    expect(kinds(decision)).toEqual(['PatchWorkload', 'PatchHpas', 'RemoveEntry', 'RemoveFinalizer']);
  });
});

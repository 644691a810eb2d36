import { describe, expect, it } from 'vitest';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Observation } from './observation.ts';
import { condition, entry, kinds, NOW, observation, optimization, pod, reasons, SIZES, target } from './testing.ts'; // prettier-ignore
import { CPU } from './testing.ts';

const MARKS = { 'optimization.k8s.io/optimized-by': 'shop/cpu', 'optimization.k8s.io/optimized-at': 'x' };

function lost(annotations: Record<string, string> = {}, more: Partial<Observation> = {}): Observation {
  const object = optimization({}, { phase: 'Applied', appliedOptimizations: 2 });
  const metadata = { ...object.metadata, annotations };
  return observation({
    optimization: { ...object, metadata },
    target: target({ annotations: MARKS }),
    originalLost: true,
    ...more,
  });
}

describe('a change whose original is stored nowhere any more', () => {
  it('is decided on by nobody but a person, who is told how', () => {
    const decision = decide(lost());
    expect(kinds(decision)).toEqual([]);
    expect(decision.status).toMatchObject({ phase: 'Failed', appliedOptimizations: 2, totalSavings: 0 });
    expect(decision.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'OriginalLost' }),
    );
    expect(decision.events).toMatchObject([
      { type: 'Warning', reason: 'OriginalLost', message: expect.stringMatching(/remove its annotation .*accept/) as string },
    ]); // prettier-ignore
  });

  it('is told of once', () => {
    const first = decide(lost());
    const again = lost();
    const object = { ...again.optimization, status: first.status };
    expect(reasons(decide({ ...again, optimization: object }))).toEqual([]);
  });

  it('may be accepted: the marks go, and nothing is in force', () => {
    const decision = decide(lost({ 'optimization.k8s.io/accept': 'yes' }));
    expect(decision.actions).toMatchObject([
      { kind: 'PatchWorkload', changes: {}, annotations: { 'optimization.k8s.io/optimized-by': null } },
    ]);
    expect(decision.status).toMatchObject({ phase: 'Ready', handledRequests: { accept: 'yes' } });
    expect(decision.status.appliedOptimizations).toBe(0);
  });

  it('does not keep a deletion from ending', () => {
    const o = lost();
    const metadata = { ...o.optimization.metadata, deletionTimestamp: rfc3339(NOW) };
    const decision = decide({ ...o, optimization: { ...o.optimization, metadata } });
    expect(kinds(decision)).toEqual(['PatchWorkload', 'RemoveFinalizer']);
    expect(reasons(decision)).toContain('OriginalLost');
  });
});

describe('an original that was found again', () => {
  it('is gone on with: the status counts what is stored', () => {
    const fields = { ...SIZES, [CPU]: '1', replicas: 2 };
    const status = { phase: 'Failed' as const, appliedOptimizations: 0 };
    const decision = decide(
      observation({
        optimization: optimization({}, status),
        entry: entry({ [CPU]: '1' }, { steps: 3 }),
        target: target({ fields }),
      }),
    );
    expect(decision.status).toMatchObject({ phase: 'Applied', appliedOptimizations: 3 });
  });
});

describe('accepting', () => {
  it('takes our marks off before the original is forgotten', () => {
    const object = optimization({}, { phase: 'Applied', appliedOptimizations: 1 });
    const metadata = { ...object.metadata, annotations: { 'optimization.k8s.io/accept': 'yes' } };
    const fields = { ...SIZES, [CPU]: '1', replicas: 2 };
    const decision = decide(
      observation({
        optimization: { ...object, metadata },
        entry: entry({ [CPU]: '1' }),
        target: target({ fields, annotations: MARKS }),
      }),
    );
    expect(kinds(decision)).toEqual(['PatchWorkload', 'RemoveEntry']);
  });
});

describe('an original that pods still need', () => {
  const resized = { original: { [CPU]: '2' }, overlay: { [CPU]: '1' } };
  const cause = { reason: 'OOMKilled', message: 'web-1', atMs: NOW - 1000 };
  const sized = (more = {}) => pod('web-1', { ...SIZES, [CPU]: '1' }, more);
  const refused = {
    asked: SIZES,
    resize: { problem: 'Infeasible', message: 'node is full', sinceMs: NOW, inProgress: false },
  } as const;

  function deleted(more: Partial<Observation>): Observation {
    const object = optimization({}, { phase: 'Applied' });
    const metadata = { ...object.metadata, deletionTimestamp: rfc3339(NOW) };
    return observation({ optimization: { ...object, metadata }, entry: entry({}, resized), ...more });
  }

  it.each([
    ['that is not running yet', sized({ running: false }), []],
    ['that is being resized', sized({ asked: SIZES }), []],
    ['that cannot be resized', sized(refused), []],
    ['that was not asked yet', sized(), ['ResizePods']],
  ])('is kept through a deletion for a pod %s', (_what, one, actions) => {
    const decision = decide(deleted({ pods: [one] }));
    expect(kinds(decision)).toEqual(actions);
    expect(condition(decision, 'Restored')).toBe('False');
    expect(decision.status).toMatchObject({ phase: 'RolledBack', appliedOptimizations: 0 });
    expect(decision.requeueAfterMs).toBeGreaterThan(0);
  });

  it('is forgotten once pods have their sizes, or have ended, or are about to', () => {
    const pods = [pod('web-2'), sized({ ended: true, running: false }), sized({ terminating: true })];
    const decision = decide(deleted({ pods }));
    expect(kinds(decision)).toEqual(['RemoveEntry', 'RemoveFinalizer']);
    expect(decision.actions[0]).toMatchObject({ podSizes: { [CPU]: '2' } });
  });

  it('is forgotten on request though a pod cannot be resized', () => {
    const o = deleted({ pods: [sized(refused)] });
    const metadata = { ...o.optimization.metadata, annotations: { 'optimization.k8s.io/accept': 'yes' } };
    const decision = decide({ ...o, optimization: { ...o.optimization, metadata } });
    expect(decision.actions).toEqual([{ kind: 'RemoveEntry' }, { kind: 'RemoveFinalizer' }]);
  });

  it('is kept through a rollback, and what holds it up is told once it lasts', () => {
    const since = (agoMs: number) => ({
      phase: 'RolledBack' as const,
      lastRolledBack: rfc3339(cause.atMs),
      conditions: [
        { type: 'Restored', status: 'False' as const, reason: 'Restoring', message: '', lastTransitionTime: rfc3339(NOW - agoMs) },
      ],
    }); // prettier-ignore
    const restoring = entry({}, { ...resized, restoring: cause });
    const after = (agoMs: number) =>
      decide(
        observation({
          optimization: optimization({}, since(agoMs)),
          entry: restoring,
          pods: [sized(refused)],
        }),
      );
    const waiting = optimization({}, since(10_000));
    const metadata = { ...waiting.metadata, annotations: { 'optimization.k8s.io/accept': 'yes' } };
    const accepted = decide(
      observation({ optimization: { ...waiting, metadata }, entry: restoring, pods: [sized(refused)] }),
    );
    expect(accepted.actions).toEqual([{ kind: 'RemoveEntry' }]);
    expect(accepted.status.handledRequests).toEqual({ accept: 'yes' });
    expect(kinds(after(10_000))).toEqual([]);
    expect(reasons(after(10_000))).toEqual([]);
    expect(reasons(after(180_000))).toEqual(['RestoreIncomplete']);
    expect(after(180_000).events[0]?.message).toMatch(/web-1 \(Infeasible: node is full\)/);
  });
});

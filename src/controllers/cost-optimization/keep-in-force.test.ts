import { describe, expect, it } from 'vitest';
import type { CostOptimizationStatus } from '#apis/optimization.k8s.io/v1/status.ts';
import { rfc3339 } from '#platform/clock.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import {
  condition,
  CPU,
  entry,
  kinds,
  NOW,
  observation,
  optimization,
  pod,
  reasons,
  SIZES,
} from './testing.ts';

const MINUTE_MS = 60_000;
const IN_FORCE: CostOptimizationStatus = {
  phase: 'Applied',
  appliedOptimizations: 1,
  nextAnalysis: rfc3339(NOW + 86_400_000),
  verification: {
    beganAt: rfc3339(NOW - 120 * MINUTE_MS),
    startedAt: rfc3339(NOW - 110 * MINUTE_MS),
    endsAt: rfc3339(NOW - 90 * MINUTE_MS),
    result: 'Passed',
    restarts: 0,
  },
};
const OURS = { ...SIZES, [CPU]: '1' };
const THEIRS = { ...SIZES, [CPU]: '1500m' };
const ENTRY = entry({}, { original: { [CPU]: '2' }, overlay: { [CPU]: '1' } });
const LEDGER = {
  savedUsd: 0,
  sinceMs: 0,
  lastRate: { atMs: NOW, baselineUsdPerHour: 1, actualUsdPerHour: 1, priceSource: 'test' },
};

interface Look {
  readonly status?: CostOptimizationStatus;
  readonly minute?: number;
  readonly generation?: number;
  readonly sizes?: typeof OURS;
  readonly createdAtMs?: number;
}

function look({
  status = IN_FORCE,
  minute = 0,
  generation = 1,
  sizes = THEIRS,
  createdAtMs,
}: Look): Decision {
  const object = optimization({}, status);
  const one = pod('web-1', sizes);
  const health = { ...one.health, createdAtMs: createdAtMs ?? NOW - 300 * MINUTE_MS };
  return decide(
    observation({
      nowMs: NOW + minute * MINUTE_MS,
      optimization: { ...object, metadata: { ...object.metadata, generation } },
      entry: ENTRY,
      pods: [{ ...one, health }, pod('web-2', OURS)],
      ledger: { ...LEDGER, lastRate: { ...LEDGER.lastRate, atMs: NOW + minute * MINUTE_MS } },
    }),
  );
}

/** Someone else resizes a pod once a minute, from minute `from` to `to`. */
function contest(from: number, to: number, start: CostOptimizationStatus = IN_FORCE): Decision {
  let decision = look({ status: start, minute: from });
  for (let minute = from + 1; minute <= to; minute += 1) decision = look({ status: decision.status, minute });
  return decision;
}

describe('sizes in force that someone else changes in place', () => {
  it('are given again a few times, and then left to the other, which is said once', () => {
    expect(kinds(contest(0, 4))).toEqual(['ResizePods']);
    const last = contest(0, 5);
    expect(kinds(last)).toEqual([]);
    expect(reasons(last)).toEqual(['OptimizationContested']);
    expect(condition(last, 'Contested')).toBe('True');
    const after = look({ status: last.status, minute: 6 });
    expect([kinds(after), reasons(after), condition(after, 'Contested')]).toEqual([[], [], 'True']);
  });

  it('are given again without end where it happens seldom', () => {
    let decision = look({});
    for (let hour = 1; hour < 20; hour += 1) decision = look({ status: decision.status, minute: hour * 25 });
    expect(kinds(decision)).toEqual(['ResizePods']);
  });

  it('are kept again once the spec was changed', () => {
    const { status } = contest(0, 5);
    const changed = look({ status: { ...status, observedGeneration: 2 }, minute: 7, generation: 2 });
    expect(kinds(changed)).toContain('ResizePods');
    expect(condition(changed, 'Contested')).toBeUndefined();
  });

  it('are given to new pods as often as there are new pods', () => {
    let { status } = look({});
    for (let minute = 1; minute < 30; minute += 1) {
      const fresh = look({ status, minute, sizes: { ...SIZES, [CPU]: '2' }, createdAtMs: NOW + minute * MINUTE_MS }); // prettier-ignore
      expect(kinds(fresh)).toEqual(['ResizePods']);
      ({ status } = fresh);
    }
  });

  it('count one round as one, though a lagging copy shows it again at once', () => {
    let { status } = look({});
    for (let again = 0; again < 20; again += 1) ({ status } = look({ status, minute: 0.1 }));
    expect(status.contested).toMatchObject({ rounds: 1 });
  });

  it('are taken back only where pods still have ours once they were left', () => {
    const { status } = contest(0, 5);
    const object = optimization({}, status);
    const metadata = { ...object.metadata, deletionTimestamp: rfc3339(NOW) };
    const o = observation({ optimization: { ...object, metadata }, entry: ENTRY });
    const both = decide({ ...o, pods: [pod('web-1', THEIRS), pod('web-2', OURS)] });
    expect(both.actions).toMatchObject([{ kind: 'ResizePods', pods: ['web-2'] }]);
    const theirs = decide({ ...o, pods: [pod('web-1', THEIRS), pod('web-2')] });
    expect(kinds(theirs)).toEqual(['RemoveEntry', 'RemoveFinalizer']);
  });
});

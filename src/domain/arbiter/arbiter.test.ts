import { describe, expect, it } from 'vitest';
import type { WorkloadRef } from '../workload/workload-ref.ts';
import { type ActiveChange, type ChangeRequest, DEFAULT_BUDGET, arbitrate } from './arbiter.ts';

const web: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'web' };
const request: ChangeRequest = {
  actor: 'CostOptimization shop/cpu',
  target: web,
  disruption: 'restarts-pods',
  lastRolledBackMs: undefined,
  nowMs: 100 * 3_600_000,
};

function active(actor: string, more: Partial<ActiveChange> = {}): ActiveChange {
  const target: WorkloadRef = { kind: 'Deployment', namespace: 'other', name: actor };
  return { actor, target, disruption: 'restarts-pods', ...more };
}

function outcome(asked: ChangeRequest, changes: readonly ActiveChange[]): string {
  const grant = arbitrate(asked, changes, DEFAULT_BUDGET);
  return grant.granted ? 'granted' : grant.reason;
}

describe('the arbiter', () => {
  it.each<[string, Partial<ChangeRequest>, readonly ActiveChange[], string]>([
    ['grants a change in a quiet cluster', {}, [], 'granted'],
    ['lets an actor go on with its own change', {}, [active(request.actor, { target: web })], 'granted'],
    ['keeps a second actor off the same workload', {}, [active('b', { target: web, disruption: 'none' })], 'WorkloadBusy'],
    ['holds the cluster-wide budget', {}, Array.from({ length: 10 }, (_, i) => active(`a${String(i)}`)), 'BudgetExhausted'],
    ['holds the budget of a namespace', {}, ['a', 'b', 'c'].map((a) => active(a, { target: { ...web, name: a } })), 'BudgetExhausted'],
    ['counts only disruptive changes', {}, Array.from({ length: 20 }, (_, i) => active(`a${String(i)}`, { disruption: 'none' })), 'granted'],
    ['lets in-place changes pass a full budget', { disruption: 'none' }, Array.from({ length: 10 }, (_, i) => active(`a${String(i)}`)), 'granted'],
    ['lets a workload rest after a rollback', { lastRolledBackMs: 90 * 3_600_000 }, [], 'CoolingDown'],
    ['ends the rest after the cool-down', { lastRolledBackMs: 70 * 3_600_000 }, [], 'granted'],
  ])('%s', (_name, asked, changes, expected) => {
    expect(outcome({ ...request, ...asked }, changes)).toBe(expected);
  }); // prettier-ignore

  it('says how long to wait', () => {
    const grant = arbitrate({ ...request, lastRolledBackMs: request.nowMs - 1000 }, [], DEFAULT_BUDGET);
    expect(grant).toMatchObject({ granted: false, retryAfterMs: 24 * 3_600_000 - 1000 });
  });
});

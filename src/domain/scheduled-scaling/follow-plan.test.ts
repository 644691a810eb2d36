import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldMap, SCALING_PLAN } from '../change/field.ts';
import { openEntry, planRestore, type RollbackEntry, settleIntent } from '../rollback/rollback-entry.ts';
import { followPlan } from './follow-plan.ts';
import { countAt } from './open-window.ts';
import { formatPlan, type ScalingPlan, timeOfDay } from './plan.ts';

const HOUR = 3_600_000;
const MONDAY = Date.parse('2026-11-23T00:00:00Z');
const nights: ScalingPlan = {
  timeZone: 'UTC',
  windows: [{ days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], from: '20:00', to: '06:00', replicas: 2 }],
};

function entryFor(plan: ScalingPlan): RollbackEntry {
  const text = formatPlan(plan);
  return {
    ...openEntry({
      owner: { uid: 'u', namespace: 'shop', name: 's' },
      target: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      targetUid: 'w',
      storedAtMs: 0,
    }),
    original: { [SCALING_PLAN]: null },
    applied: { [SCALING_PLAN]: text },
    steps: 1,
    recommendationId: 'r1',
  };
}

interface Sim {
  readonly entry: RollbackEntry;
  readonly fields: FieldMap;
}

/** One reconcile: `stopAfter` writes (0: the first record, 1: and the object, 2: and the last record), then a crash. */
function reconcile(sim: Sim, plan: ScalingPlan | undefined, atMs: number, stopAfter = 2): Sim {
  const settled = sim.entry.intent === null ? sim.entry : settleIntent(sim.entry, sim.fields);
  const move = followPlan({
    entry: settled,
    plan,
    field: 'replicas',
    fields: sim.fields,
    most: undefined,
    nowMs: atMs,
  });
  if (move === undefined) return { ...sim, entry: settled };
  const fields = stopAfter >= 1 ? { ...sim.fields, ...move.changes } : sim.fields;
  return { entry: stopAfter >= 2 ? move.after : move.before, fields };
}

const start = (replicas = 10, plan = nights): Sim => ({
  entry: entryFor(plan),
  fields: { replicas, [SCALING_PLAN]: formatPlan(plan) },
});

describe('following a plan', () => {
  it('takes pods away when a window opens and gives them back when it closes', () => {
    const night = reconcile(start(), nights, MONDAY + 21 * HOUR);
    expect(night.fields['replicas']).toBe(2);
    expect(night.entry).toMatchObject({ original: { replicas: 10 }, applied: { replicas: 2 }, intent: null });
    const day = reconcile(night, nights, MONDAY + 31 * HOUR);
    expect(day.fields['replicas']).toBe(10);
    expect(day.entry).toEqual(start().entry);
  });

  it('does nothing outside of windows, whatever the owner does there', () => {
    for (const replicas of [1, 10, 14]) {
      const day = start(replicas);
      expect(reconcile(day, nights, MONDAY + 12 * HOUR)).toEqual(day);
    }
  });

  it('makes up for what was slept through', () => {
    const night = reconcile(start(), nights, MONDAY + 21 * HOUR);
    const weekend = reconcile(night, nights, MONDAY + 5.5 * 24 * HOUR);
    expect(weekend.fields['replicas']).toBe(10);
  });

  it('leaves a count alone that somebody set within a window, and takes it for theirs', () => {
    const night = reconcile(start(), nights, MONDAY + 21 * HOUR);
    const scaled = { ...night, fields: { ...night.fields, replicas: 7 } };
    const later = reconcile(scaled, nights, MONDAY + 22 * HOUR);
    expect(later.fields['replicas']).toBe(7);
    const day = reconcile(later, nights, MONDAY + 31 * HOUR);
    expect(day.fields['replicas']).toBe(7);
    const next = reconcile(day, nights, MONDAY + 45 * HOUR);
    expect(next.entry.original['replicas']).toBe(7);
  });

  it('gives back at once when the plan is taken away', () => {
    const night = reconcile(start(), nights, MONDAY + 21 * HOUR);
    expect(reconcile(night, undefined, MONDAY + 22 * HOUR).fields['replicas']).toBe(10);
  });

  it('stays within the most that an autoscaler allows', () => {
    const plan = { ...nights, windows: [{ ...nights.windows[0], replicas: 30 }] } as ScalingPlan;
    const { entry, fields } = start(10, plan);
    const move = followPlan({ entry, plan, field: 'replicas', fields, most: 12, nowMs: MONDAY + 21 * HOUR });
    expect(move?.changes).toEqual({ replicas: 12 });
    expect(move?.lowers).toBe(false);
  });

  it('says when it takes pods away: only then does it need a grant', () => {
    const { entry, fields } = start();
    const ask = (atMs: number, sim: Sim) =>
      followPlan({ ...sim, plan: nights, field: 'replicas', most: undefined, nowMs: atMs });
    expect(ask(MONDAY + 21 * HOUR, { entry, fields })?.lowers).toBe(true);
    const night = reconcile({ entry, fields }, nights, MONDAY + 21 * HOUR);
    expect(ask(MONDAY + 31 * HOUR, night)?.lowers).toBe(false);
  });

  const window = fc.record({
    days: fc.constant(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const),
    from: fc.integer({ min: 0, max: 23 }).map((hour) => timeOfDay(hour * 60)),
    to: fc.integer({ min: 0, max: 23 }).map((hour) => timeOfDay(hour * 60 + 30)),
    replicas: fc.integer({ min: 1, max: 6 }),
  });
  const anyPlan = fc
    .array(window, { minLength: 1, maxLength: 3 })
    .map((windows) => ({ timeZone: 'Europe/Berlin', windows }));
  const story = fc.array(
    fc.record({ waitMs: fc.integer({ min: 1, max: 30 * HOUR }), stopAfter: fc.integer({ min: 0, max: 2 }) }),
    { minLength: 1, maxLength: 20 },
  );

  it('ends where an undisturbed run ends, with a crash at any write', () => {
    fc.assert(
      fc.property(anyPlan, story, fc.integer({ min: 1, max: 12 }), (plan, steps, base) => {
        let sim = start(base, plan);
        let nowMs = MONDAY;
        for (const { waitMs, stopAfter } of steps) {
          nowMs += waitMs;
          sim = reconcile(sim, plan, nowMs, stopAfter);
        }
        // A restart, and as many reconciles as it takes: at most one move is due.
        for (let again = 0; again < 3; again += 1) sim = reconcile(sim, plan, nowMs);
        expect(sim.fields['replicas']).toBe(countAt(plan, nowMs) ?? base);
      }),
    );
  });

  it('can be rolled back to the owner’s count at any write', () => {
    fc.assert(
      fc.property(anyPlan, story, fc.integer({ min: 1, max: 12 }), (plan, steps, base) => {
        let sim = start(base, plan);
        let nowMs = MONDAY;
        for (const { waitMs, stopAfter } of steps) {
          nowMs += waitMs;
          sim = reconcile(sim, plan, nowMs, stopAfter);
          const { restore } = planRestore(sim.entry, sim.fields);
          expect({ ...sim.fields, ...restore }).toEqual({ replicas: base, [SCALING_PLAN]: null });
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { SCALING_PLAN } from '../change/field.ts';
import { DEFAULT_PRICES } from '../cost/resource-prices.ts';
import { readPolicy } from '../policy/optimization-policy.ts';
import { offsetMs } from './local-time.ts';
import type { Analysis } from '../recommendation/analysis.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { analyzeSchedule } from './analyze-schedule.ts';
import { countAt } from './open-window.ts';
import { meanReplicas, parsePlan, type ScalingPlan } from './plan.ts';
import type { ScheduleQuestion } from './schedule-question.ts';
import { segmentDay } from './segments.ts';
import { demandDays } from './week-needs.ts';
import { stepPlan } from './step-plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const STEP = 300_000;
/** A Saturday. */
const NOW = Date.parse('2026-11-21T10:30:00Z');

type Load = (local: { readonly hour: number; readonly weekday: number; readonly day: number }) => number;

/** Office hours on workdays: eight cores, else half a core. */
const office: Load = ({ hour, weekday }) => (weekday < 5 && hour >= 8 && hour < 19 ? 8 : 0.5);

function series(load: Load, { days = 14, timeZone = 'UTC', scale = 1, pods = 10 } = {}): UsageSeries {
  const steps = Math.round((days * DAY) / STEP);
  const startMs = NOW - steps * STEP;
  // Neither of the zones used here changes its clocks in November.
  const offset = offsetMs(timeZone, NOW);
  const mean = Float64Array.from({ length: steps }, (_, step) => {
    const ms = startMs + (step + 0.5) * STEP;
    const local = ms + offset;
    const day = Math.floor(local / DAY);
    return (load({ hour: (local - day * DAY) / HOUR, weekday: (day + 3) % 7, day }) / pods) * scale;
  });
  return { startMs, stepMs: STEP, mean, max: mean, pods: new Float64Array(steps).fill(pods) };
}

interface Case {
  readonly load?: Load;
  readonly days?: number;
  readonly spec?: Partial<CostOptimization['spec']>;
  readonly more?: Partial<ScheduleQuestion>;
  readonly memory?: Load;
}

function question({ load = office, days = 14, spec = {}, more = {}, memory = () => 1 }: Case = {}): ScheduleQuestion {
  const policy = readPolicy({
    metadata: { name: 's', namespace: 'shop' },
    spec: { targetWorkload: { kind: 'Deployment', name: 'web' }, optimizationType: 'SCHEDULED_SCALING', maxChangePercent: 100, ...spec },
  });
  const timeZone = spec.timeZone ?? 'UTC';
  const container = {
    container: 'app',
    cpuCores: series(load, { days, timeZone }),
    memoryBytes: series(memory, { days, timeZone, scale: 1024 ** 3, pods: 1 }),
    oomKills: [],
  };
  return {
    usage: { workload: policy.target, fromMs: NOW - days * DAY, toMs: NOW, containers: [container], source: 'test', lastSampleAtMs: NOW },
    query: { fromMs: NOW - days * DAY, toMs: NOW, stepMs: STEP },
    policy,
    present: { 'containers/app/requests/cpu': '2', 'containers/app/requests/memory': '4Gi', replicas: 10 },
    base: 10,
    scaler: undefined,
    planInForce: undefined,
    floor: undefined,
    prices: DEFAULT_PRICES,
    ...more,
  };
} // prettier-ignore

type Wanted = Extract<Analysis, { outcome: 'wanted' }>;

function wanted(given: Case = {}): Wanted {
  const analysis = analyzeSchedule(question(given));
  if (analysis.outcome !== 'wanted') throw new Error(`${analysis.outcome}: ${analysis.message}`);
  return analysis;
}

function planOf({ wanted: fields }: Wanted): ScalingPlan {
  const plan = parsePlan(fields[SCALING_PLAN]);
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

const at = (text: string, plan: ScalingPlan) => countAt(plan, Date.parse(text));

describe('windows learned from usage', () => {
  it('find nights and weekends, and keep pods ready before the morning', () => {
    const plan = planOf(wanted());
    expect(at('2026-11-23T12:00:00Z', plan)).toBe(6);
    expect(at('2026-11-23T03:00:00Z', plan)).toBe(2);
    expect(at('2026-11-22T12:00:00Z', plan)).toBe(2);
    // Half an hour ahead of need, and until half an hour after it.
    expect(at('2026-11-23T07:30:00Z', plan)).toBe(6);
    expect(at('2026-11-23T19:15:00Z', plan)).toBe(6);
  });

  it('are those of the wall clock where the workload lives', () => {
    const plan = planOf(wanted({ spec: { timeZone: 'Asia/Seoul' } }));
    expect(at('2026-11-23T03:00:00Z', plan)).toBe(6);
    expect(at('2026-11-22T18:00:00Z', plan)).toBe(2);
  });

  it('save what the pods taken away cost', () => {
    const found = wanted();
    const plan = planOf(found);
    const pod = (2 * 0.04 + 4 * 0.005) * 730;
    expect(found.monthlyUsdOf?.({})).toBeCloseTo(10 * pod, 6);
    expect(found.monthlyUsdOf?.(found.wanted)).toBeCloseTo(meanReplicas(plan, 10) * pod, 6);
    expect(meanReplicas(plan, 10)).toBeLessThan(5);
  });

  it('are trusted where every day was alike, and less where days differ', () => {
    const steady = wanted();
    const confidence = steady.assess(steady.wanted).confidence;
    expect(confidence).toBeGreaterThan(0.9);
    // Every third night is as busy as a day.
    const restless = analyzeSchedule(
      question({ load: (local) => (local.day % 5 === 0 ? 8 : office(local)) }),
    );
    if (restless.outcome === 'wanted')
      expect(restless.assess(restless.wanted).confidence).toBeLessThan(confidence);
    else expect(restless.outcome).toBe('nothing');
  });

  it('never take more than a count that proved too low allows, nor go below the user’s bound', () => {
    const lowest = (given: Case) =>
      Math.min(...planOf(wanted(given)).windows.map(({ replicas }) => replicas));
    expect(lowest({ more: { floor: 3 } })).toBe(4);
    expect(lowest({ spec: { scaling: { minReplicas: 5 } } })).toBe(5);
  });

  it('give more pods where they are missing, if the user allows that', () => {
    const busy: Load = ({ hour }) => (hour >= 8 && hour < 19 ? 20 : 13.5);
    const plan = planOf(wanted({ load: busy, spec: { scaling: { maxReplicas: 16 } } }));
    expect(at('2026-11-23T12:00:00Z', plan)).toBe(15);
    expect(analyzeSchedule(question({ load: busy })).outcome).toBe('nothing');
  });

  it('hold the memory where it goes with the load', () => {
    const followed = planOf(wanted({ memory: (local) => office(local) + 3 }));
    const free = planOf(wanted());
    expect(meanReplicas(followed, 10)).toBeGreaterThanOrEqual(meanReplicas(free, 10));
  });

  it('leave an autoscaler’s lower bound alone unless the user allows less', () => {
    const scaler = { name: 'web', minReplicas: 4, maxReplicas: 20 };
    expect(analyzeSchedule(question({ more: { scaler, base: 4 } })).outcome).toBe('nothing');
    const plan = planOf(wanted({ more: { scaler, base: 4 }, spec: { scaling: { minReplicas: 2 } } }));
    expect(at('2026-11-23T03:00:00Z', plan)).toBe(2);
  });

  it.each<[string, Case, string]>([
    ['two days of history', { days: 2 }, 'InsufficientHistory'],
    ['no usage at all', { more: { usage: { ...question().usage, containers: [] } } }, 'NoData'],
    ['pods without a CPU request', { more: { present: { replicas: 10 } } }, 'NoData'],
    ['a DaemonSet', { spec: { targetWorkload: { kind: 'DaemonSet', name: 'agent' } } }, 'NotScalable'],
  ])('are not learned from %s', (_name, given, reason) => {
    expect(analyzeSchedule(question(given))).toMatchObject({ outcome: 'unknown', reason });
  });

  it('are not wanted for a load without seasons', () => {
    const flat = analyzeSchedule(question({ load: () => 13 }));
    expect(flat).toMatchObject({
      outcome: 'nothing',
      message: expect.stringContaining('no hours') as string,
    });
  });

  it('stay as they are in force unless others are clearly better', () => {
    const plan = planOf(wanted());
    expect(analyzeSchedule(question({ more: { planInForce: plan } })).outcome).toBe('nothing');
    const slightly = {
      ...plan,
      windows: plan.windows.map((window) => (window.replicas === 6 ? { ...window, replicas: 7 } : window)),
    };
    expect(analyzeSchedule(question({ more: { planInForce: slightly } })).outcome).toBe('nothing');
    const starving = { ...plan, windows: plan.windows.map((window) => ({ ...window, replicas: 1 })) };
    expect(analyzeSchedule(question({ more: { planInForce: starving } })).outcome).toBe('wanted');
  });

  it('have a risk that grows with what they take', () => {
    const found = wanted();
    expect(found.assess(found.wanted).risk).toBe('MEDIUM');
    const careful = wanted({ spec: { scaling: { minReplicas: 8 } } });
    expect(careful.assess(careful.wanted).risk).toBe('LOW');
  });
});

describe('windows that the user sets', () => {
  const windows = [{ from: '20:00', to: '07:00', replicas: 3 }];

  it('are taken as they are, without any metrics', () => {
    const nothing = { ...question().usage, containers: [] };
    const found = wanted({ spec: { scaling: { windows } }, more: { usage: nothing } });
    expect(planOf(found).windows).toMatchObject(windows);
    expect(found.reasons[0]).toMatch(/set by spec\.scaling\.windows: daily 20:00–07:00: 3/);
  });

  it('lose trust where history says that they are too small', () => {
    const small = wanted({ spec: { scaling: { windows: [{ from: '09:00', to: '12:00', replicas: 1 }] } } });
    const ample = wanted({ spec: { scaling: { windows } } });
    expect(small.assess(small.wanted).confidence).toBeLessThan(0.5);
    expect(ample.assess(ample.wanted).confidence).toBeGreaterThan(0.9);
  });

  it('stay within the bounds of an autoscaler', () => {
    const scaler = { name: 'web', minReplicas: 4, maxReplicas: 6 };
    const found = wanted({
      spec: { scaling: { windows: [{ from: '08:00', to: '19:00', replicas: 9 }] } },
      more: { scaler, base: 4 },
    });
    expect(planOf(found).windows[0]?.replicas).toBe(6);
  });
});

describe('a step towards a plan', () => {
  const plan = (replicas: number): ScalingPlan => ({
    timeZone: 'UTC',
    windows: [{ days: ['Mon'], from: '20:00', to: '22:00', replicas }],
  });

  it('moves no count further than maxChangePercent, and gets there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100 }),
        (base, goal, maxChangePercent) => {
          let inForce: ScalingPlan | undefined;
          let count = base;
          for (let step = 0; step < 200; step += 1) {
            inForce = stepPlan(plan(goal), base, { inForce, maxChangePercent });
            const next = inForce.windows[0]?.replicas ?? base;
            expect(Math.abs(next - count)).toBeLessThanOrEqual((count * maxChangePercent) / 100 + 1e-9);
            expect(Math.abs(goal - next)).toBeLessThanOrEqual(Math.abs(goal - count));
            if (next === count) break;
            count = next;
          }
          // It ends at the goal, or where a whole pod is more than the share allows.
          if (count !== goal) expect((count * maxChangePercent) / 100).toBeLessThan(1);
        },
      ),
    );
  });
});

describe('days of demand', () => {
  it.each([
    ['Europe/Berlin', '2026-03-25'],
    ['Europe/Berlin', '2026-10-21'],
    ['Australia/Lord_Howe', '2026-04-01'],
    ['UTC', '2026-10-21'],
  ])('are those of the wall clock of %s in the week from %s', (timeZone, from) => {
    const startMs = Date.parse(`${from}T00:00:00Z`);
    // Each sample says which half-hour of its local day it belongs to.
    const slots = Float64Array.from({ length: (8 * DAY) / STEP }, (_, step) => {
      const ms = startMs + (step + 0.5) * STEP;
      const local = new Date(ms + offsetMs(timeZone, ms));
      return local.getUTCHours() * 2 + Math.floor(local.getUTCMinutes() / 30);
    });
    const total = { startMs, stepMs: STEP, max: slots, mean: slots, pods: slots.map(() => 1) };
    const known = demandDays(total, timeZone).flatMap((day) => [...day.slots.entries()]);
    const wrong = known.filter(([slot, value]) => Number.isFinite(value) && value !== slot);
    expect(wrong).toEqual([]);
  });
});

describe('the segments of a day', () => {
  const needs = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 48, maxLength: 48 });

  it('cover the day in order, last two hours or more, and never fall short of a need', () => {
    fc.assert(
      fc.property(needs, (day) => {
        const segments = segmentDay(day);
        expect(segments[0]?.from).toBe(0);
        expect(segments.at(-1)?.to).toBe(48);
        for (const [index, { from, to, replicas }] of segments.entries()) {
          expect(to - from).toBeGreaterThanOrEqual(4);
          expect(replicas).toBe(Math.max(...day.slice(from, to)));
          if (index > 0) expect(from).toBe(segments[index - 1]?.to);
        }
      }),
    );
  });

  it('are one where a cut would save next to nothing', () => {
    expect(segmentDay(Array.from({ length: 48 }, (_, slot) => (slot < 4 ? 9 : 10)))).toHaveLength(1);
    expect(segmentDay(Array.from({ length: 48 }, (_, slot) => (slot < 16 ? 2 : 10)))).toHaveLength(2);
  });
});

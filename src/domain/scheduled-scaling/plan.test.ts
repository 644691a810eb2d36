import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '#apis/optimization.k8s.io/v1/scaling-spec.ts';
import { minuteOfWeek, offsetMs } from './local-time.ts';
import { countAt, nextChange } from './open-window.ts';
import {
  describePlan,
  formatPlan,
  meanReplicas,
  parsePlan,
  type PlanWindow,
  type ScalingPlan,
  timeOfDay,
  weekSegments,
} from './plan.ts';
import { readScalingPolicy } from './scaling-policy.ts';

const MINUTE = 60_000;
const night: PlanWindow = {
  days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'],
  from: '20:00',
  to: '07:00',
  replicas: 2,
};
const plan = (windows: readonly PlanWindow[], timeZone = 'UTC'): ScalingPlan => ({ timeZone, windows });
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().replace('.000', '');

/** Zones with summer time of whole and half hours, at midnight, in the south, and without any. */
const ZONES = [
  'UTC',
  'Asia/Seoul',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kathmandu',
  'Africa/Cairo',
];

const anyWindow: fc.Arbitrary<PlanWindow> = fc
  .record({
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    start: fc.integer({ min: 0, max: 95 }),
    length: fc.integer({ min: 1, max: 95 }),
    replicas: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ days, start, length, replicas }) => {
    const end = (start + length) % 96;
    return { days, from: timeOfDay(start * 15), to: timeOfDay(end === 0 ? 24 * 60 : end * 15), replicas };
  });
const anyPlan = fc
  .tuple(fc.array(anyWindow, { minLength: 1, maxLength: 4 }), fc.constantFrom(...ZONES))
  .map(([windows, timeZone]) => plan(windows, timeZone));
/** Every quarter of 2026, where the changes of summer time lie, and any time between. */
const anyInstant = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
  ...[
    '2026-03-08',
    '2026-03-29',
    '2026-04-05',
    '2026-04-24',
    '2026-09-06',
    '2026-10-04',
    '2026-10-25',
    '2026-10-30',
    '2026-11-01',
  ].map((day) =>
    fc.integer({
      min: at(`${day}T00:00:00Z`) - 24 * 60 * MINUTE,
      max: at(`${day}T00:00:00Z`) + 24 * 60 * MINUTE,
    }),
  ),
);

describe('the windows of a plan', () => {
  it.each<[string, string, number | undefined]>([
    ['before one begins', '2026-11-20T19:59:59Z', undefined],
    ['when it begins', '2026-11-20T20:00:00Z', 2],
    ['after midnight', '2026-11-21T06:59:59Z', 2],
    ['when it ends', '2026-11-21T07:00:00Z', undefined],
    ['on a day on which none begins', '2026-11-21T23:00:00Z', undefined],
  ])('are open or not: %s', (_when, instant, expected) => {
    expect(countAt(plan([night]), at(instant))).toBe(expected);
  });

  it('keep to the wall clock of their zone', () => {
    const seoul = plan([night], 'Asia/Seoul');
    expect(countAt(seoul, at('2026-11-20T11:00:00Z'))).toBe(2);
    expect(iso(nextChange(seoul, at('2026-11-20T11:00:00Z')))).toBe('2026-11-20T22:00:00Z');
  });

  it('run over the end of the week', () => {
    const sunday = plan([{ ...night, days: ['Sun'] }]);
    expect(countAt(sunday, at('2026-11-23T03:00:00Z'))).toBe(2);
    expect(iso(nextChange(sunday, at('2026-11-22T21:00:00Z')))).toBe('2026-11-23T07:00:00Z');
  });

  it('ask for the highest count where they overlap', () => {
    const both = plan([night, { ...night, from: '22:00', to: '23:00', replicas: 5 }]);
    expect(countAt(both, at('2026-11-20T22:30:00Z'))).toBe(5);
  });

  it('last an hour less where the clocks go forward, and an hour more where they go back', () => {
    const berlin = plan([{ ...night, days: ['Sat'], from: '20:00', to: '08:00' }], 'Europe/Berlin');
    const hours = (begin: string) => ((nextChange(berlin, at(begin)) ?? 0) - at(begin)) / 3_600_000;
    expect(hours('2026-03-28T19:00:00Z')).toBe(11);
    expect(hours('2026-10-24T18:00:00Z')).toBe(13);
  });

  it('that lie in the hour that is skipped are not lived through', () => {
    const skipped = plan([{ ...night, days: ['Sun'], from: '02:15', to: '02:45' }], 'Europe/Berlin');
    expect(iso(nextChange(skipped, at('2026-03-28T12:00:00Z')))).toBe('2026-04-05T00:15:00Z');
  });

  it('that lie in the hour that comes twice open twice', () => {
    const twice = plan([{ ...night, days: ['Sun'], from: '02:15', to: '02:45' }], 'Europe/Berlin');
    const changes: (string | undefined)[] = [];
    let ms: number | undefined = at('2026-10-25T00:00:00Z');
    for (let index = 0; index < 4 && ms !== undefined; index += 1) {
      ms = nextChange(twice, ms);
      changes.push(iso(ms));
    }
    expect(changes).toEqual([
      '2026-10-25T00:15:00Z',
      '2026-10-25T00:45:00Z',
      '2026-10-25T01:15:00Z',
      '2026-10-25T01:45:00Z',
    ]);
  });

  it('never change where one covers the whole week', () => {
    const always = plan([{ days: [...WEEKDAYS], from: '00:00', to: '24:00', replicas: 3 }]);
    expect(nextChange(always, at('2026-11-20T00:00:00Z'))).toBeUndefined();
    expect(countAt(always, at('2026-11-20T00:00:00Z'))).toBe(3);
  });

  it('change exactly when it is said that they do, in every zone and through every change of clocks', () => {
    fc.assert(
      fc.property(anyPlan, anyInstant, (any, instant) => {
        const present = countAt(any, instant);
        const next = nextChange(any, instant);
        const until = next ?? instant + 8 * 24 * 60 * MINUTE;
        // Boundaries lie on quarters of an hour: between two of them nothing can change unseen.
        for (let ms = instant; ms < until; ms += 5 * MINUTE) expect(countAt(any, ms)).toBe(present);
        if (next === undefined) return;
        expect(countAt(any, next - 1)).toBe(present);
        expect(countAt(any, next)).not.toBe(present);
      }),
      { numRuns: 60 },
    );
  });

  it('cover the week without gaps, and mean what their segments mean', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 20 }), (any, base) => {
        const segments = weekSegments(any);
        expect(segments[0]?.from).toBe(0);
        expect(segments.at(-1)?.to).toBe(7 * 24 * 60);
        for (const [index, segment] of segments.entries()) {
          if (index > 0) expect(segment.from).toBe(segments[index - 1]?.to);
        }
        const counts = Array.from({ length: 7 * 96 }, (_, quarter) => {
          const found = segments.find(({ from, to }) => from <= quarter * 15 && quarter * 15 < to);
          return found?.replicas ?? base;
        });
        expect(meanReplicas(any, base)).toBeCloseTo(
          counts.reduce((sum, count) => sum + count, 0) / counts.length,
          9,
        );
      }),
    );
  });
});

describe('the text of a plan', () => {
  it('is read back as the same plan', () => {
    fc.assert(
      fc.property(anyPlan, (any) => {
        expect(parsePlan(formatPlan(any))).toEqual(any);
      }),
    );
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"timeZone":"UTC"}',
    '{"timeZone":"UTC","windows":[{"days":["Mon"],"from":"7","to":"8","replicas":1}]}',
    '{"timeZone":"UTC","windows":[{"days":["Mon"],"from":"07:00","to":"08:00","replicas":0}]}',
  ])('that is none is not taken for one: %j', (text) => {
    expect(parsePlan(text)).toBeUndefined();
  });

  it('reads well', () => {
    const all = [night, { days: ['Sat', 'Sun'] as const, from: '00:00', to: '24:00', replicas: 1 }];
    expect(describePlan(plan(all, 'Asia/Seoul'))).toBe(
      'Mon–Fri 20:00–07:00: 2; Sat, Sun 00:00–24:00: 1 (Asia/Seoul)',
    );
  });
});

describe('the policy of scheduled scaling', () => {
  it('refuses a window without length, naming it', () => {
    expect(() => readScalingPolicy({ windows: [{ from: '08:00', to: '08:00', replicas: 1 }] })).toThrow(
      /spec\.scaling\.windows\[0\]\.from/,
    );
  });

  it('refuses bounds that cross', () => {
    expect(() => readScalingPolicy({ minReplicas: 3, maxReplicas: 2 })).toThrow(/spec\.scaling\.minReplicas/);
  });

  it('takes every day where none is named', () => {
    expect(
      readScalingPolicy({ windows: [{ from: '20:00', to: '07:00', replicas: 1 }] }).windows[0]?.days,
    ).toEqual(WEEKDAYS);
  });
});

describe('local time', () => {
  it('knows the offset of zones, summer time included', () => {
    expect(offsetMs('Europe/Berlin', at('2026-07-01T00:00:00Z'))).toBe(2 * 3_600_000);
    expect(offsetMs('Asia/Kathmandu', at('2026-07-01T00:00:00Z'))).toBe(5.75 * 3_600_000);
    expect(minuteOfWeek('UTC', at('2026-11-23T00:01:00Z'))).toBe(1);
  });
});

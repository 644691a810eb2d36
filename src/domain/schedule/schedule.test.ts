import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

describe('a schedule', () => {
  it.each([
    ['0 */6 * * *', '2026-11-21T10:30:00Z', '2026-11-21T06:00:00.000Z', '2026-11-21T12:00:00.000Z'],
    ['0 */12 * * *', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['0 0 * * *', '2026-11-21T10:30:00Z', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['0 0 * * 0', '2026-11-21T10:30:00Z', '2026-11-15T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
    ['0 0 1 * *', '2026-11-21T10:30:00Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ])('%s at %s ticked at %s and ticks next at %s', (cron, now, previous, next) => {
    const schedule = parseSchedule(cron);
    expect(iso(schedule.previous(at(now)))).toBe(previous);
    expect(iso(schedule.next(at(now)))).toBe(next);
  });

  it('follows its time zone', () => {
    const seoul = parseSchedule('0 9 * * *', 'Asia/Seoul');
    expect(iso(seoul.next(at('2026-11-21T10:30:00Z')))).toBe('2026-11-22T00:00:00.000Z');
  });

  it('keeps local time through a change of daylight saving', () => {
    const berlin = parseSchedule('0 9 * * *', 'Europe/Berlin');
    expect(iso(berlin.next(at('2026-03-28T12:00:00Z')))).toBe('2026-03-29T07:00:00.000Z');
    expect(iso(berlin.next(at('2026-10-24T12:00:00Z')))).toBe('2026-10-25T08:00:00.000Z');
  });

  it('names the field that is wrong', () => {
    expect(() => parseSchedule('every day')).toThrow(/spec\.schedule/);
    expect(() => parseSchedule('0 0 * *')).toThrow(/spec\.schedule/);
    expect(() => parseSchedule('0 0 * * *', 'Mars/Olympus')).toThrow(/spec\.timeZone/);
  });
});

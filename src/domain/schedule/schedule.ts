/** Cron schedules with a time zone: when the last tick was and when the next one is. */
import { Cron } from 'croner';
import { KcError, messageOf } from '#errors/kc-error.ts';

export interface Schedule {
  /** The latest tick at or before `atMs`, or undefined where there never was one. */
  previous(atMs: number): number | undefined;
  /** The first tick after `atMs`, or undefined where there never will be one. */
  next(atMs: number): number | undefined;
}

/**
 * Reads a five-field cron expression. `timeZone` is an IANA name; UTC where absent. Throws KC_SCHEDULE_INVALID,
 * naming the field that is wrong.
 */
export function parseSchedule(expression: string, timeZone = 'UTC'): Schedule {
  assertTimeZone(timeZone);
  const cron = parseCron(expression, timeZone);
  return {
    previous: (atMs) => cron.previousRuns(1, new Date(atMs + 1000))[0]?.getTime(),
    next: (atMs) => cron.nextRun(new Date(atMs))?.getTime(),
  };
}

/** Names that were found good: looking one up takes longer than a whole decision. */
const KNOWN_ZONES = new Set<string>(['UTC']);

function assertTimeZone(timeZone: string): void {
  if (KNOWN_ZONES.has(timeZone)) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    KNOWN_ZONES.add(timeZone);
  } catch (error) {
    const problem = `"${timeZone}" is not an IANA time zone`;
    throw new KcError('KC_SCHEDULE_INVALID', { field: 'spec.timeZone', problem, cause: error });
  }
}

function parseCron(expression: string, timezone: string): Cron {
  try {
    return new Cron(expression, { paused: true, timezone, mode: '5-part' });
  } catch (error) {
    const problem = `"${expression}" is not a cron expression (${messageOf(error)})`;
    throw new KcError('KC_SCHEDULE_INVALID', { field: 'spec.schedule', problem, cause: error });
  }
}

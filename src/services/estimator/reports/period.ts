/** The time that a report is about: whole hours, from the first that is asked for to now at most. */
import { type Static, Type } from 'typebox';
import type { PeriodSchema } from '#apis/estimator-api/cost.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import { invalidField } from '../../rest/field-problem.ts';
import { isoTime } from '../answers/evidence-answer.ts';

const Time = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 40, description }));

export const PeriodQuery = {
  start: Time('RFC 3339; a day before the end where absent.'),
  end: Time('RFC 3339; now where absent.'),
};

export interface PeriodAsked {
  readonly start?: string;
  readonly end?: string;
}

export interface Period {
  /** A whole hour. */
  readonly fromMs: number;
  /** A whole hour, or now. */
  readonly toMs: number;
}

const RFC3339 = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

/** Throws InvalidRequest, naming the field. */
export function periodOf({ start, end }: PeriodAsked, nowMs: number): Period {
  const endMs = end === undefined ? nowMs : timeOf(end, 'query.end');
  const startMs = start === undefined ? endMs - DAY_MS : timeOf(start, 'query.start');
  if (startMs >= endMs) throw invalidField('query.start', 'must be before the end');
  if (startMs > nowMs) throw invalidField('query.start', 'lies in the future, of which nothing is known');
  const toMs = Math.min(Math.ceil(endMs / HOUR_MS) * HOUR_MS, nowMs);
  return { fromMs: Math.floor(startMs / HOUR_MS) * HOUR_MS, toMs };
}

/** Without a zone it is UTC. A plus sign that arrived as a space is read as what it was. */
function timeOf(text: string, field: string): number {
  const restored = text.replace(/ (\d\d:\d\d)$/, (space, zone: string) =>
    /[Tt].* /.test(text) ? `+${zone}` : space,
  );
  const zoned = /[Zz]$|[+-]\d\d:\d\d$|^\d{4}-\d\d-\d\d$/.test(restored) ? restored : `${restored}Z`;
  const ms = RFC3339.test(restored) ? Date.parse(zoned) : Number.NaN;
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw invalidField(field, 'is not a time; write one such as 2026-01-31T00:00:00Z');
}

export function periodAnswer({ fromMs, toMs }: Period): Static<typeof PeriodSchema> {
  return { start: isoTime(fromMs), end: isoTime(toMs) };
}

/** Wall-clock time of a zone: how far it is from UTC, and the minute of the week. Zone data comes from the runtime. */
import { DAY_MS, MINUTE_MS } from '../units/duration.ts';

export const WEEK_MINUTES = 7 * 24 * 60;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  formats.set(timeZone, format);
  return format;
}

/** Local time minus UTC at an instant, in milliseconds. `timeZone` is an IANA name; others throw RangeError. */
export function offsetMs(timeZone: string, atMs: number): number {
  const parts = formatOf(timeZone).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((found) => found.type === type)?.value);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(atMs / 1000) * 1000;
}

/** Minutes since Monday 00:00 of the wall clock, from 0 up to WEEK_MINUTES, fractions included. */
export function minuteOfWeek(timeZone: string, atMs: number): number {
  return minuteAtOffset(atMs, offsetMs(timeZone, atMs));
}

/** The same where the offset is known. The epoch was a Thursday. */
export function minuteAtOffset(atMs: number, offset: number): number {
  const sinceMonday = (((atMs + offset + 3 * DAY_MS) % (7 * DAY_MS)) + 7 * DAY_MS) % (7 * DAY_MS);
  return sinceMonday / MINUTE_MS;
}

/**
 * The first instant in (fromMs, toMs] at which the offset is another than at `fromMs`, to the second; undefined where
 * it is the same at both ends. Zones never change twice within the days that are asked for here.
 */
export function offsetChange(timeZone: string, fromMs: number, toMs: number): number | undefined {
  const before = offsetMs(timeZone, fromMs);
  if (offsetMs(timeZone, toMs) === before) return undefined;
  let [low, high] = [Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(timeZone, middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

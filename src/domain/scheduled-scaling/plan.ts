/**
 * A plan: windows of the local week with a replica count each. Times are wall-clock times, so that 20:00 stays 20:00
 * through every change of daylight saving; an hour that is skipped is simply not lived through, one that comes twice
 * counts twice. Whether a window is open follows from the instant alone: nothing is missed by not running.
 */
import { WEEKDAYS, type Weekday } from '#apis/optimization.k8s.io/v1/scaling-spec.ts';
import { canonicalJson } from '../change/canonical-json.ts';
import type { FieldValue } from '../change/field.ts';
import { WEEK_MINUTES } from './local-time.ts';

export interface PlanWindow {
  /** Days on which it begins. */
  readonly days: readonly Weekday[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, on the next day where not later than `from`; `24:00` is the end of the day. */
  readonly to: string;
  readonly replicas: number;
}

export interface ScalingPlan {
  /** An IANA name. */
  readonly timeZone: string;
  readonly windows: readonly PlanWindow[];
}

/** From minute `from` of the week up to, not including, `to`; undefined: the workload's own count holds. */
export interface WeekSegment {
  readonly from: number;
  readonly to: number;
  readonly replicas: number | undefined;
}

export const DAY_MINUTES = 24 * 60;

/** Minutes since midnight of `HH:MM`. */
export function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** `HH:MM` of minutes since midnight, 24:00 included. */
export function timeOfDay(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The week cut where the count changes; it covers the whole week in order. Overlapping windows: the highest. */
export function weekSegments(plan: ScalingPlan): readonly WeekSegment[] {
  const spans = plan.windows.flatMap(spansOf);
  const cuts = new Set([0, WEEK_MINUTES, ...spans.flatMap(({ from, to }) => [from, to])]);
  const points = [...cuts].sort((a, b) => a - b);
  const segments: WeekSegment[] = [];
  for (const [index, to] of points.entries()) {
    const from = points[index - 1];
    if (from === undefined) continue;
    const counts = spans.filter((span) => span.from <= from && to <= span.to).map((span) => span.replicas);
    const replicas = counts.length === 0 ? undefined : Math.max(...counts);
    const last = segments.at(-1);
    if (last !== undefined && last.replicas === replicas) segments[segments.length - 1] = { ...last, to };
    else segments.push({ from, to, replicas });
  }
  return segments;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
}

/** The spans of a window within the week; one that runs over Sunday midnight is cut in two. */
function spansOf({ days, from, to, replicas }: PlanWindow): Span[] {
  const [start, end] = [minuteOfDay(from), minuteOfDay(to)];
  const length = end > start ? end - start : end + DAY_MINUTES - start;
  return days.flatMap((day) => {
    const begin = WEEKDAYS.indexOf(day) * DAY_MINUTES + start;
    const rest = begin + length - WEEK_MINUTES;
    if (rest <= 0) return [{ from: begin, to: begin + length, replicas }];
    return [
      { from: begin, to: WEEK_MINUTES, replicas },
      { from: 0, to: rest, replicas },
    ];
  });
}

/** The mean replica count over a week, where the workload's own is `base`. */
export function meanReplicas(plan: ScalingPlan, base: number): number {
  const minutes = weekSegments(plan).reduce(
    (sum, { from, to, replicas }) => sum + (to - from) * (replicas ?? base),
    0,
  );
  return minutes / WEEK_MINUTES;
}

/** The lowest count of any window; undefined for a plan without windows. */
export function lowestCount({ windows }: ScalingPlan): number | undefined {
  return windows.length === 0 ? undefined : Math.min(...windows.map(({ replicas }) => replicas));
}

/** The text that stands for a plan wherever fields do; equal plans have equal texts. */
export function formatPlan(plan: ScalingPlan): string {
  return canonicalJson(plan);
}

/** The plan of a text; undefined where it is none (somebody wrote something else there). */
export function parsePlan(text: FieldValue | undefined): ScalingPlan | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const plan: unknown = JSON.parse(text);
    return isPlan(plan) ? plan : undefined;
  } catch {
    return undefined;
  }
}

function isPlan(value: unknown): value is ScalingPlan {
  const { timeZone, windows } = (value ?? {}) as Partial<Record<keyof ScalingPlan, unknown>>;
  return typeof timeZone === 'string' && Array.isArray(windows) && windows.every(isWindow);
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;

function isWindow(value: unknown): value is PlanWindow {
  const { days, from, to, replicas } = (value ?? {}) as Partial<Record<keyof PlanWindow, unknown>>;
  return (
    Array.isArray(days) &&
    days.every((day) => WEEKDAYS.includes(day as Weekday)) &&
    [from, to].every((time) => typeof time === 'string' && TIME.test(time)) &&
    Number.isInteger(replicas) &&
    Number(replicas) >= 1
  );
}

/** `Mon–Fri 20:00–07:00: 2; Sat, Sun 00:00–24:00: 1 (Asia/Seoul)`, for people. */
export function describePlan({ timeZone, windows }: ScalingPlan): string {
  const texts = windows.map(
    ({ days, from, to, replicas }) => `${describeDays(days)} ${from}–${to}: ${String(replicas)}`,
  );
  return `${texts.join('; ')} (${timeZone})`;
}

function describeDays(days: readonly Weekday[]): string {
  if (days.length === WEEKDAYS.length) return 'daily';
  const places = days.map((day) => WEEKDAYS.indexOf(day)).sort((a, b) => a - b);
  const [first = 0] = places;
  const last = places.at(-1) ?? 0;
  if (places.length > 2 && last - first === places.length - 1) {
    return `${WEEKDAYS[first] ?? ''}–${WEEKDAYS[last] ?? ''}`;
  }
  return places.map((place) => WEEKDAYS[place]).join(', ');
}

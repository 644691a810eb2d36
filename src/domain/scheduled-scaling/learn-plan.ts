/** Learns windows from the history of usage, and how often windows learned in this way would have been enough. */
import { WEEKDAYS, type Weekday } from '#apis/optimization.k8s.io/v1/scaling-spec.ts';
import type { BacktestDay } from '../rightsizing/confidence.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { DAY_MS } from '../units/duration.ts';
import { minuteAtOffset } from './local-time.ts';
import {
  DAY_MINUTES,
  type PlanWindow,
  type ScalingPlan,
  timeOfDay,
  weekSegments,
  type WeekSegment,
} from './plan.ts';
import { type DaySegment, segmentDay } from './segments.ts';
import { type DemandDay, demandDays, profileOf, SLOT_MINUTES } from './week-needs.ts';

export interface LearnQuestion {
  /** All pods together, in cores. */
  readonly totalCpu: UsageSeries;
  readonly timeZone: string;
  readonly podCpuCores: number;
  /** The count outside of windows, chosen by the owner. */
  readonly base: number;
  /** Bounds of any window. */
  readonly least: number;
  readonly most: number;
}

export interface LearnedPlan {
  readonly plan: ScalingPlan;
  readonly backtest: readonly BacktestDay[];
  readonly days: number;
}

/** As for replicas in general (src/domain/rightsizing/replicas.ts): 70 % of the requests, and one pod may be missing. */
const TARGET_UTILISATION = 0.7;
const FAILURE_UTILISATION = 0.95;
/** A kind of day that was seen less often keeps the owner's count. */
const FEWEST_DAYS = 2;
/** A day counts as seen from this share of known half-hours on. */
const MIN_COVERAGE = 0.8;

/** The windows of the two kinds of days; a kind that is not known well enough gets none. */
export function learnPlan(question: LearnQuestion): LearnedPlan {
  const days = demandDays(question.totalCpu, question.timeZone).filter(
    ({ coverage }) => coverage >= MIN_COVERAGE,
  );
  const classes = [
    { names: WEEKDAYS.slice(0, 5), days: days.filter(({ isWeekend }) => !isWeekend) },
    { names: WEEKDAYS.slice(5), days: days.filter(({ isWeekend }) => isWeekend) },
  ].filter((each) => each.days.length >= FEWEST_DAYS);
  const windows = classes.flatMap(({ names, days: seen }) =>
    windowsOf(segmentsOf(question, seen), names, question.base),
  );
  return {
    plan: { timeZone: question.timeZone, windows: merged(windows) },
    backtest: classes.flatMap((each) => backtestOf(question, each.days, days)),
    days: days.length,
  };
}

/** A given plan, judged by the days of the history. */
export function backtestPlan(plan: ScalingPlan, question: LearnQuestion): LearnedPlan {
  const days = demandDays(question.totalCpu, question.timeZone).filter(
    ({ coverage }) => coverage >= MIN_COVERAGE,
  );
  const newest = days.at(-1)?.date ?? 0;
  const segments = weekSegments(plan);
  const backtest = days.map((day) => ({
    daysAgo: newest - day.date + 1,
    needed: neededShare(question, day, daySegments(segments, day.date, question.base)),
    coverage: day.coverage,
  }));
  return { plan, backtest, days: days.length };
}

/** The part of a week that falls on a date, in slots; a window that begins within a slot has all of it. */
function daySegments(week: readonly WeekSegment[], date: number, base: number): DaySegment[] {
  const start = minuteAtOffset(date * DAY_MS, 0);
  return week.flatMap(({ from, to, replicas = base }) => {
    const [begin, end] = [Math.max(from - start, 0), Math.min(to - start, DAY_MINUTES)];
    if (begin >= end) return [];
    return [{ from: Math.floor(begin / SLOT_MINUTES), to: Math.ceil(end / SLOT_MINUTES), replicas }];
  });
}

/** Pods for a demand, within the bounds. Unknown demand keeps the owner's count. */
export function replicasFor({ podCpuCores, base, least, most }: LearnQuestion, cores: number): number {
  if (!Number.isFinite(cores)) return base;
  const calm = Math.ceil(cores / (podCpuCores * TARGET_UTILISATION) - 1e-9);
  const spare = Math.ceil(cores / (podCpuCores * FAILURE_UTILISATION) - 1e-9) + (base > 1 ? 1 : 0);
  return Math.min(Math.max(calm, spare, least, 1), Math.max(most, 1));
}

function segmentsOf(question: LearnQuestion, days: readonly DemandDay[]): readonly DaySegment[] {
  return segmentDay([...profileOf(days)].map((cores) => replicasFor(question, cores)));
}

/** Segments in which the owner's count is right need no window. */
function windowsOf(segments: readonly DaySegment[], days: readonly Weekday[], base: number): PlanWindow[] {
  return segments
    .filter(({ replicas }) => replicas !== base)
    .map(({ from, to, replicas }) => ({
      days,
      from: timeOfDay(from * SLOT_MINUTES),
      to: timeOfDay(to * SLOT_MINUTES),
      replicas,
    }));
}

/** Windows of the same hours and count become one with the days of both. */
function merged(windows: readonly PlanWindow[]): PlanWindow[] {
  const found = new Map<string, PlanWindow>();
  for (const window of windows) {
    const key = [window.from, window.to, window.replicas].join();
    const days = [...(found.get(key)?.days ?? []), ...window.days];
    found.set(key, { ...window, days });
  }
  return [...found.values()];
}

/** Each day, judged by windows learned from the other days of its kind. */
function backtestOf(
  question: LearnQuestion,
  days: readonly DemandDay[],
  all: readonly DemandDay[],
): BacktestDay[] {
  const newest = all.at(-1)?.date ?? 0;
  return days.map((day) => {
    const others = days.filter((other) => other !== day);
    const segments = segmentsOf(question, others);
    return {
      daysAgo: newest - day.date + 1,
      needed: neededShare(question, day, segments),
      coverage: day.coverage,
    };
  });
}

/** The demand of a day divided by what its windows carry with a pod missing, at its worst half-hour. */
function neededShare(
  { podCpuCores, base }: LearnQuestion,
  day: DemandDay,
  segments: readonly DaySegment[],
): number {
  const shares = segments.flatMap(({ from, to, replicas }) => {
    // Where the owner's count holds, nothing is promised.
    if (replicas >= base) return [];
    const carried =
      podCpuCores * Math.max(TARGET_UTILISATION * replicas, FAILURE_UTILISATION * (replicas - 1));
    return [...day.slots.subarray(from, to)].map((cores) => (Number.isFinite(cores) ? cores / carried : 0));
  });
  return Math.max(1e-3, ...shares);
}

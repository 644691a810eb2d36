/** Walks a method back through the past: each day is sized from what was known before it and then judged. */
import type { BacktestDay } from './confidence.ts';

/** What was recorded day by day, newest first. */
export interface RecordedDays {
  readonly days: number;
  /** The share of a day that has samples, 0–1. */
  coverage(day: number): number;
}

/** Backtests go no further back: older days say little about the present. */
const MAX_DAYS = 28;
/** A day of which less is known is no test. */
const MIN_COVERAGE = 0.5;

/**
 * `needed(day)` is what the promise needed on `day`, divided by what the method gives from the days before it;
 * undefined where it can give nothing.
 */
export function backtestDays(
  recorded: RecordedDays,
  needed: (day: number) => number | undefined,
): BacktestDay[] {
  const days: BacktestDay[] = [];
  for (let day = 0; day < Math.min(recorded.days - 1, MAX_DAYS); day++) {
    const coverage = Math.min(recorded.coverage(day), 1);
    const ratio = coverage >= MIN_COVERAGE ? needed(day) : undefined;
    if (ratio !== undefined) days.push({ daysAgo: day + 1, needed: ratio, coverage });
  }
  return days;
}

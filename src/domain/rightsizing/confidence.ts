/**
 * The probability that a size keeps its promise on the next day, from the days on which the same method would have
 * kept it. Each past day is a trial of a Bernoulli process with a Beta prior; a near miss counts as a part of a trial,
 * old days count less, thinly sampled days count by their coverage.
 */
import { normalShareBelow } from '../statistics/normal.ts';
/** A past day, sized as this recommendation is, from what was known before that day. */
export interface BacktestDay {
  /** Days before now at which the day began, at least 1. */
  readonly daysAgo: number;
  /** What the promise would have needed on that day, divided by what the method gave. 1 or less: kept. */
  readonly needed: number;
  /** Share of the day that has samples, 0–1. */
  readonly coverage: number;
}

export interface ConfidencePrior {
  /** Share of promises kept where the workload itself has shown nothing yet, 0–1. */
  readonly mean: number;
  /** How many days of evidence weigh as much as the prior. */
  readonly days: number;
}

/** From walk-forwards on three public traces (bench/rightsizing): 95, 91 and 88 % of CPU promises and 98 % of memory promises were kept. */
export const CPU_PRIOR: ConfidencePrior = { mean: 0.9, days: 4 };
export const MEMORY_PRIOR: ConfidencePrior = { mean: 0.97, days: 4 };

/** Half a trial, in ln: needs within 2 % of a size are no clear hits or misses. */
const NEAR_MISS = 0.02;
const HALF_LIFE_DAYS = 14;
/** A size this far below the method's, in ln, gets no credit in advance. */
const NO_CREDIT = 0.2;
/** What is not known of a workload on its first day; it halves with every further day. */
const FIRST_DAY_DOUBT = 0.2;

/** The parts of a recommendation that its confidence rests on. */
export interface ConfidenceBasis {
  readonly backtest: readonly BacktestDay[];
  /** The size that the method gave now; `backtest` is relative to it. */
  readonly unbounded: number;
  readonly prior: ConfidencePrior;
  /** Length of the history in days. */
  readonly historyDays: number;
}

/** The confidence of any `size`: that of the recommendation, or of a step on the way to it. 0–1. */
export function confidenceOf(basis: ConfidenceBasis, size: number): number {
  const { backtest, prior, unbounded, historyDays } = basis;
  const margin = Math.log(size / unbounded);
  let kept = prior.days * prior.mean * clamp(1 + Math.min(margin, 0) / NO_CREDIT);
  let trials = prior.days;
  for (const day of backtest) {
    const weight = day.coverage * 0.5 ** ((day.daysAgo - 1) / HALF_LIFE_DAYS);
    kept += weight * normalShareBelow((margin - Math.log(day.needed)) / NEAR_MISS);
    trials += weight;
  }
  return (kept / trials) * (1 - FIRST_DAY_DOUBT * 0.5 ** Math.max(0, historyDays - 1));
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

/** When a series says too little to size from. */
import { LONG_GAP_SECONDS, MIN_COVERAGE, STALE_AFTER_SECONDS } from '../usage/data-quality.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { DAY_MS, HOUR_MS } from './days.ts';
import { type Measure, type Refusal, refuse } from './outcome.ts';

export interface DataRules {
  /** From the first to the newest sample. */
  readonly minHistoryMs: number;
  /** Share of the steps since the first sample that have one, 0–1. */
  readonly minCoverage: number;
  /** Age of the newest sample. */
  readonly maxAgeMs: number;
  /** With a longer hole a daily pattern may have been missed entirely. */
  readonly maxGapMs: number;
}

/** A day is the shortest time that shows a daily pattern once. */
export const DATA_RULES: DataRules = {
  minHistoryMs: DAY_MS,
  minCoverage: MIN_COVERAGE,
  maxAgeMs: STALE_AFTER_SECONDS * 1000,
  maxGapMs: 4 * LONG_GAP_SECONDS * 1000,
};

/** What a series amounts to as evidence. */
export interface DataFacts {
  readonly samples: number;
  readonly coverage: number;
  readonly historyMs: number;
  readonly ageMs: number;
  readonly longestGapMs: number;
}

/** Undefined where there is no sample before `nowMs`. Only finite, non-negative values count. */
export function dataFacts(series: UsageSeries, nowMs: number): DataFacts | undefined {
  let [first, last, samples, gap] = [-1, -1, 0, 0];
  const end = Math.min(series.max.length, Math.floor((nowMs - series.startMs) / series.stepMs + 1e-9));
  for (let step = 0; step < end; step++) {
    if (!isKnown(series.max[step])) continue;
    if (first < 0) first = step;
    else gap = Math.max(gap, step - last - 1);
    last = step;
    samples++;
  }
  if (first < 0) return undefined;
  return {
    samples,
    coverage: samples / (end - first),
    historyMs: (last + 1 - first) * series.stepMs,
    ageMs: Math.max(0, nowMs - (series.startMs + (last + 1) * series.stepMs)),
    longestGapMs: gap * series.stepMs,
  };
}

function isKnown(value: number | undefined): boolean {
  return value !== undefined && Number.isFinite(value) && value >= 0;
}

/** The series up to `nowMs`; later steps, from a clock that runs ahead, do not count. */
function upTo(series: UsageSeries, nowMs: number): UsageSeries {
  const end = Math.max(0, Math.floor((nowMs - series.startMs) / series.stepMs + 1e-9));
  if (end >= series.max.length) return series;
  const cut = (values: Float64Array) => values.subarray(0, end);
  return { ...series, max: cut(series.max), mean: cut(series.mean), pods: cut(series.pods) };
}

/** The series without values that cannot be: negative or infinite ones become unknown. */
function plausible(series: UsageSeries): UsageSeries {
  if (series.max.every((value) => Number.isNaN(value) || isKnown(value))) return series;
  return { ...series, max: series.max.map((value) => (isKnown(value) ? value : Number.NaN)) };
}

/** A series that can be sized from: up to now, without impossible values. */
export interface UsableSeries {
  readonly series: UsageSeries;
  readonly measures: readonly Measure[];
}

/** The series as it can be used, or why it cannot. `what` names it, e.g. `CPU usage of app`. */
export function usableSeries(
  given: UsageSeries | undefined,
  nowMs: number,
  options: { rules: DataRules; what: string },
): UsableSeries | Refusal {
  const { rules, what } = options;
  const series = given === undefined ? undefined : plausible(upTo(given, nowMs));
  const facts = series === undefined ? undefined : dataFacts(series, nowMs);
  if (series === undefined || facts === undefined) return refuse('no-data', `${what} is unknown: no sample`);
  const measures = dataMeasures(facts);
  const problem = problemOf(facts, series.stepMs, rules);
  return problem === undefined
    ? { series, measures }
    : refuse(problem.code, `${what}: ${problem.text}`, measures);
}

type Problem = { readonly code: Refusal['code']; readonly text: string } | undefined;

function problemOf(facts: DataFacts, stepMs: number, rules: DataRules): Problem {
  const { ageMs, coverage, historyMs, longestGapMs } = facts;
  if (stepMs > HOUR_MS)
    return { code: 'coarse-steps', text: `steps of ${hours(stepMs)} hide what happens within an hour` };
  if (ageMs > rules.maxAgeMs)
    return { code: 'stale', text: `unknown now, the newest sample is ${hours(ageMs)} old` };
  if (historyMs < rules.minHistoryMs)
    return {
      code: 'short-history',
      text: `only ${hours(historyMs)} of data, ${hours(rules.minHistoryMs)} are needed`,
    };
  if (coverage < rules.minCoverage)
    return {
      code: 'low-coverage',
      text: `coverage ${percent(coverage)}, ${percent(rules.minCoverage)} is needed`,
    };
  if (longestGapMs > rules.maxGapMs)
    return { code: 'low-coverage', text: `no sample for ${hours(longestGapMs)} on end` };
  return undefined;
}

function dataMeasures(facts: DataFacts): Measure[] {
  return [
    {
      name: 'history',
      value: facts.historyMs / DAY_MS,
      unit: 'days',
      why: 'from the first to the newest sample',
    },
    {
      name: 'coverage',
      value: facts.coverage,
      unit: 'ratio',
      why: 'share of the steps since the first sample that have one',
    },
    { name: 'age', value: facts.ageMs / 1000, unit: 'seconds', why: 'age of the newest sample' },
  ];
}

function hours(ms: number): string {
  if (ms < HOUR_MS) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round((ms / HOUR_MS) * 10) / 10} h`;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

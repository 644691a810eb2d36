/**
 * The peers' rules, from their published constants. Each sizes the next day from all samples so far, in the order of
 * time and without gaps; numbers are those of the sources named.
 */
import { quantileOfSorted, sortedFinite } from '#domain/statistics/order.ts';
import { STEPS_PER_DAY } from './datasets.ts';

/** Sizes one resource from its history; NaN samples are unknown. */
export type Rule = (history: Float64Array) => number;

/** Weights that halve with every `halfLife` steps of age. */
function decayingWeights(length: number, halfLifeSteps: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 ** ((length - 1 - i) / halfLifeSteps));
}

/** The smallest value at which the cumulative weight reaches `q`. */
function weightedQuantile(values: Float64Array, weights: Float64Array, q: number): number {
  const order = [...values.keys()]
    .filter((i) => Number.isFinite(values[i]))
    .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const total = order.reduce((sum, i) => sum + (weights[i] ?? 0), 0);
  let sum = 0;
  for (const i of order) {
    sum += weights[i] ?? 0;
    if (sum >= q * total) return values[i] ?? Number.NaN;
  }
  return Number.NaN;
}

/**
 * The vertical pod autoscaler's histogram (vertical-pod-autoscaler/pkg/recommender/util): exponential buckets growing
 * by 5 %, the first 0.01 wide; a percentile is the end of its bucket.
 */
function vpaPercentile(values: Float64Array, weights: Float64Array, q: number): number {
  const [first, growth] = [0.01, 1.05];
  const ends = values.map((value) => {
    const bucket = Math.floor(Math.log((value * (growth - 1)) / first + 1) / Math.log(growth));
    return (first * (growth ** (bucket + 1) - 1)) / (growth - 1);
  });
  return weightedQuantile(ends, weights, q);
}

function dailyPeaks(history: Float64Array, stepsPerDay: number): Float64Array {
  const days = Math.floor(history.length / stepsPerDay);
  return Float64Array.from({ length: days }, (_, day) =>
    quantileOfSorted(sortedFinite(history.subarray(day * stepsPerDay, (day + 1) * stepsPerDay)), 1),
  );
}

/** What the recommender writes into `status.recommendation`. */
export interface VpaBounds {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

interface Samples {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

const VPA_MARGIN = 1.15;
/** `--history-length`. */
const VPA_DAYS = 8;

/**
 * +15 % on the 90th, 50th and 95th percentiles; the outer two stretched while there is little history
 * (logic/recommender.go). `lifespanDays` is from the first to the last CPU sample, of which there are `count`.
 */
function vpaBounds(samples: Samples, lifespanDays: number, count: number): VpaBounds {
  const at = (q: number): number => VPA_MARGIN * vpaPercentile(samples.values, samples.weights, q);
  // A day of one sample per minute is one.
  const confidence = Math.min(lifespanDays, count / 1440);
  return {
    target: at(0.9),
    lower: at(0.5) * (1 + 0.001 / confidence) ** -2,
    upper: at(0.95) * (1 + 1 / confidence),
  };
}

/** Every sample, half-life 24 h. */
export function vpaCpuBounds(history: Float64Array, stepsPerDay = STEPS_PER_DAY): VpaBounds {
  const values = history.slice(-VPA_DAYS * stepsPerDay);
  const weights = decayingWeights(values.length, stepsPerDay);
  return vpaBounds({ values, weights }, (values.length - 1) / stepsPerDay, values.length);
}

/**
 * The last 8 daily peaks, half-life 24 h. Where the history is longer than what is read of it, the days are counted
 * from the first sample read, and the very last one begins a ninth of its own.
 */
export function vpaMemoryBounds(history: Float64Array, stepsPerDay = STEPS_PER_DAY): VpaBounds {
  const peaks = dailyPeaks(history, stepsPerDay).slice(-VPA_DAYS);
  const read = Math.min(history.length, VPA_DAYS * stepsPerDay);
  const ninth = history.length > read ? [history.at(-1) ?? Number.NaN] : [];
  const values = Float64Array.of(...peaks, ...ninth);
  return vpaBounds({ values, weights: decayingWeights(values.length, 1) }, (read - 1) / stepsPerDay, read);
}

export const vpaCpu: Rule = (history) => vpaCpuBounds(history).target;
export const vpaMemory: Rule = (history) => vpaMemoryBounds(history).target;

function percentileOfAll(q: number): Rule {
  return (history) => quantileOfSorted(sortedFinite(history), q);
}

/** robusta-dev/krr, strategy simple: 95th percentile, no margin. */
export const krrCpu = percentileOfAll(0.95);
/** The same at the 99th, which its users set against throttling. */
export const krrCpu99 = percentileOfAll(0.99);
/** Peak +15 %. */
export const krrMemory: Rule = (history) => 1.15 * percentileOfAll(1)(history);

/** Autopilot (EuroSys 2020, section 3.2): percentile of load-adjusted samples, weights w(τ) = 2^(−τ/t½), +12.5 %. */
function autopilot(q: number, halfLifeHours: number): Rule {
  return (history) => {
    const weights = decayingWeights(history.length, (halfLifeHours * STEPS_PER_DAY) / 24);
    const adjusted = weights.map(
      (weight, i) => weight * (Number.isFinite(history[i]) ? (history[i] ?? 0) : 0),
    );
    return 1.125 * weightedQuantile(history, adjusted, q);
  };
}

export const autopilotCpu = autopilot(0.95, 12);
export const autopilotMemory = autopilot(0.98, 48);
/** Autopilot's S_max over 5 days, +12.5 %. */
export const autopilotMax: Rule = (history) =>
  1.125 * percentileOfAll(1)(history.subarray(-5 * STEPS_PER_DAY));
export const allTimePeak = percentileOfAll(1);

/**
 * What was used, condensed to one histogram per day, and the forecast of the next day made of it.
 *
 * The forecast is a mixture of past days ("tomorrow is like one of these"): recent days weigh most, the same weekday
 * of earlier weeks has a share of its own, and each day is moved a part of the way to the present level. It is made
 * for any past day too, from older days only; so the same code backtests itself.
 */
import type { UsageSeries } from '../usage/usage.ts';
import {
  addShifted,
  bucketOf,
  gaussianKernel,
  type LogGrid,
  logGrid,
  quantileBucket,
  spread,
  upperBound,
} from '../statistics/log-histogram.ts';
import { largest } from '../statistics/order.ts';
import { cutDays, type DayCut, meanOfKnown } from './days.ts';
import { DAY_FORECAST, type DayForecastMethod } from './method.ts';

/** Below a thousandth of the peak, usage is nothing. */
const RANGE = 1000;
const GROWTH = 1.01;

interface UsageDay {
  /** Share of a whole day that has samples, 0–1. */
  readonly coverage: number;
  /** ln of the mean usage of the day, and of its last hours; NaN where unknown. */
  readonly level: number;
  readonly lastLevel: number;
  /** Samples per bucket, divided by the samples of a whole day. */
  readonly histogram: Float64Array;
}

/** The days of one series of CPU or memory. Origin `k` is the end of day `k`: 0 is now, k the point before day k−1 began. */
export class UsageHistory {
  readonly grid: LogGrid;
  readonly #days: readonly UsageDay[];
  readonly #method: DayForecastMethod;
  readonly #kernel: Float64Array;
  readonly #mixture: Float64Array;

  /** Undefined where the series has no sample above zero. */
  static of(
    series: UsageSeries,
    nowMs: number,
    method: DayForecastMethod = DAY_FORECAST,
  ): UsageHistory | undefined {
    const peak = largest(series.max);
    return peak > 0 ? new UsageHistory({ series, cut: cutDays(series, nowMs), peak }, method) : undefined;
  }

  private constructor(data: { series: UsageSeries; cut: DayCut; peak: number }, method: DayForecastMethod) {
    const { series, cut, peak } = data;
    // A scenario may be moved up: leave room above the peak for what the clipping of shifts allows.
    this.grid = logGrid(peak / RANGE, peak * Math.exp(method.maxShift * 2 + 4 * method.blur), GROWTH);
    this.#method = method;
    this.#kernel = gaussianKernel(method.blur / this.grid.logGrowth);
    this.#mixture = new Float64Array(this.grid.buckets);
    this.#days = cut.days.map((span) => this.#condense(series.max, span, cut));
  }

  /** How many days have samples. */
  get days(): number {
    return this.#days.length;
  }

  /** The share of day `day` that has samples, 0–1. */
  coverage(day: number): number {
    return this.#days[day]?.coverage ?? 0;
  }

  /** What day `day` used at its quantile `q`, in the unit of the series; NaN where it has no sample. */
  quantileOfDay(day: number, q: number): number {
    const histogram = this.#days[day]?.histogram;
    const bucket = histogram === undefined ? -1 : quantileBucket(histogram, q);
    return bucket < 0 ? Number.NaN : upperBound(this.grid, bucket);
  }

  /** The distribution of usage on the day after `origin`: weights per bucket, summing to 1. False without history. */
  forecast(origin: number, into: Float64Array): boolean {
    const weights = this.#scenarioWeights(origin);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0)) return false;
    this.#mixture.fill(0);
    for (const [age, weight] of weights.entries()) {
      const day = this.#days[origin + age];
      if (day === undefined || weight < 1e-4 * total) continue;
      const shift = Math.round(this.#shift(origin, origin + age) / this.grid.logGrowth);
      addShifted(this.#mixture, day.histogram, { weight: weight / total, shift });
    }
    spread(into, this.#mixture, this.#kernel);
    normalise(into);
    return true;
  }

  /** All samples up to now, a day counting half as much as that `halfLifeDays` after it: weights per bucket. */
  decayed(halfLifeDays: number, into: Float64Array): void {
    into.fill(0);
    for (const [age, { histogram }] of this.#days.entries()) {
      addShifted(into, histogram, { weight: 0.5 ** (age / halfLifeDays), shift: 0 });
    }
  }

  /** What shaped the present forecast: the share of same weekdays, and the mean move of past days, as a ratio. */
  influences(): { readonly week: number; readonly level: number } {
    const weights = this.#scenarioWeights(0);
    let [total, week, shift] = [0, 0, 0];
    for (const [age, weight] of weights.entries()) {
      total += weight;
      if ((age + 1) % 7 === 0) week += weight;
      shift += weight * this.#shift(0, age);
    }
    return { week: week / total, level: Math.expm1(shift / total) };
  }

  #scenarioWeights(origin: number): number[] {
    const { halfLifeDays, longHalfLifeDays, longShare, weekShare, weekHalfLife } = this.#method;
    return this.#days.slice(origin).map(({ coverage }, age) => {
      if (coverage === 0) return 0;
      const recent = decay(age, halfLifeDays) + longShare * decay(age, longHalfLifeDays);
      // The day that comes is the same weekday as that of age 6, 13, …
      const weeks = (age + 1) / 7;
      return recent + (Number.isInteger(weeks) ? weekShare * 0.5 ** ((weeks - 1) / weekHalfLife) : 0);
    });
  }

  /** How far, in ln, the day is moved towards the present level: a part of the way, by the last hours and by the whole day. */
  #shift(origin: number, day: number): number {
    const { momentum, drift, maxShift } = this.#method;
    const [now, then, before] = [this.#days[origin], this.#days[day], this.#days[day + 1]];
    return (
      momentum * clipped(difference(now?.lastLevel, before?.lastLevel), maxShift) +
      drift * clipped(difference(now?.level, then?.level), maxShift)
    );
  }

  #condense(values: Float64Array, { from, to }: { from: number; to: number }, cut: DayCut): UsageDay {
    const histogram = new Float64Array(this.grid.buckets);
    let known = 0;
    for (let step = from; step < to; step++) {
      const value = values[step] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      const bucket = bucketOf(this.grid, value);
      histogram[bucket] = (histogram[bucket] ?? 0) + 1 / cut.stepsPerDay;
      known++;
    }
    const lastSteps = Math.max(1, Math.round(this.#method.momentumHours * cut.stepsPerHour));
    const level = (start: number) => Math.log(Math.max(meanOfKnown(values, start, to), this.grid.min));
    return {
      coverage: known / cut.stepsPerDay,
      level: level(from),
      lastLevel: level(to - lastSteps),
      histogram,
    };
  }
}

/** The weight of an age of `age` days, so that all ages sum to 1. */
function decay(age: number, halfLifeDays: number): number {
  return 0.5 ** (age / halfLifeDays) * (1 - 0.5 ** (1 / halfLifeDays));
}

function difference(now: number | undefined, then: number | undefined): number {
  return (now ?? Number.NaN) - (then ?? Number.NaN);
}

/** The value within ±limit; 0 where it is not known. */
function clipped(value: number, limit: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, -limit), limit) : 0;
}

function normalise(weights: Float64Array): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) / total;
}

/**
 * What memory a container held, condensed to the peak, the level and the growth of each day, and the forecast of the
 * next day's peak made of it: one scenario per past day, moved along with the growth of the container. Like
 * CpuHistory it answers for any past day too, from older days only.
 */
import { largest, median } from '../statistics/order.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { cutDays, type DayCut, type DaySpan } from './days.ts';
import { MEMORY_METHOD, type MemoryMethod } from './method.ts';

interface MemoryDay {
  /** Share of a whole day that has samples, 0–1. */
  readonly coverage: number;
  /** ln of the highest sample and of the median; NaN where unknown. */
  readonly peak: number;
  readonly typical: number;
}

/** Where the next day's peak may lie, in ln of bytes: past peaks with weights, and the scale of records over them. */
export interface PeakForecast {
  /** Scenarios, lowest first. */
  readonly scenarios: readonly { readonly peak: number; readonly weight: number }[];
  readonly scale: number;
  /** Lasting growth per day, in ln; 0 where the container does not grow. */
  readonly growth: number;
}

/** Growth is judged over the whole history and over its end. */
const RECENT_HOURS = 36;

export class MemoryHistory {
  readonly #days: readonly MemoryDay[];
  /** ln of the median of each hour, newest first; NaN where unknown. */
  readonly levels: Float64Array;
  /** The same against the same hour of the day before. */
  readonly #dailyChange: Float64Array;
  readonly #method: MemoryMethod;

  /** Undefined where the series has no sample above zero. */
  static of(
    series: UsageSeries,
    nowMs: number,
    method: MemoryMethod = MEMORY_METHOD,
  ): MemoryHistory | undefined {
    return largest(series.max) > 0 ? new MemoryHistory(series, nowMs, method) : undefined;
  }

  private constructor(series: UsageSeries, nowMs: number, method: MemoryMethod) {
    const cut = cutDays(series, nowMs);
    this.#method = method;
    this.#days = cut.days.map((span) => condense(series.max, span, cut));
    this.levels = hourlyLevels(series.max, cut);
    this.#dailyChange = dailyChange(this.levels);
  }

  get days(): number {
    return this.#days.length;
  }

  /** The share of day `day` that has samples, 0–1. */
  coverage(day: number): number {
    return this.#days[day]?.coverage ?? 0;
  }

  /** ln of the highest sample of day `day`; NaN where it has none. */
  peakOfDay(day: number): number {
    return this.#days[day]?.peak ?? Number.NaN;
  }

  /** The forecast for the day after `origin`; undefined without history. */
  forecast(origin: number): PeakForecast | undefined {
    const { baseScale, growthDays, maxScale, scalePerGrowth, scalePerSpike } = this.#method;
    const scenarios = this.#scenarios(origin);
    if (scenarios.length === 0) return undefined;
    const growth = this.growth(origin);
    const scale = baseScale + scalePerSpike * this.#spike(origin) + scalePerGrowth * growth;
    const drift = growth * growthDays;
    return {
      scenarios: scenarios.map(({ peak, weight }) => ({ peak: peak + drift, weight })),
      scale: Math.min(scale, maxScale),
      growth,
    };
  }

  /** How high the highest peak stands above a typical day, in ln. */
  #spike(origin: number): number {
    const known = this.#days.slice(origin).filter(({ peak }) => Number.isFinite(peak));
    const highest = known.reduce((most, { peak }) => Math.max(most, peak), Number.NEGATIVE_INFINITY);
    const spike = highest - median(Float64Array.from(known, ({ typical }) => typical));
    return Number.isFinite(spike) ? Math.min(spike, this.#method.maxSpike) : this.#method.maxSpike;
  }

  /** Lasting growth per day at `origin`, in ln, 0 or more: the median change of an hour against the day before. */
  growth(origin: number): number {
    const changes = this.#dailyChange.subarray(24 * origin);
    const lasting = Math.max(median(changes), median(changes.subarray(0, RECENT_HOURS)));
    return Number.isFinite(lasting) ? Math.min(Math.max(lasting, 0), this.#method.maxGrowth) : 0;
  }

  #scenarios(origin: number): PeakForecast['scenarios'] {
    const { halfLifeDays, leastWeight } = this.#method;
    const known = this.#days
      .slice(origin)
      .map(({ peak }, age) => ({ peak, weight: 0.5 ** (age / halfLifeDays) }))
      .filter(({ peak }) => Number.isFinite(peak));
    const total = known.reduce((sum, { weight }) => sum + weight, 0);
    return known
      .map(({ peak, weight }) => ({ peak, weight: Math.max(weight / total, leastWeight) }))
      .sort((a, b) => a.peak - b.peak);
  }
}

function condense(values: Float64Array, { from, to }: DaySpan, cut: DayCut): MemoryDay {
  const day = values.subarray(from, to);
  let known = 0;
  for (const value of day) if (Number.isFinite(value)) known++;
  return {
    coverage: known / cut.stepsPerDay,
    peak: Math.log(largest(day)),
    typical: Math.log(median(day)),
  };
}

/** ln of the median of each hour, newest first. */
function hourlyLevels(values: Float64Array, cut: DayCut): Float64Array {
  const end = cut.days[0]?.to ?? 0;
  const start = cut.days.at(-1)?.from ?? 0;
  const hours = Math.floor((end - start) / cut.stepsPerHour + 1e-9);
  return Float64Array.from({ length: hours }, (_, hour) => {
    const to = end - Math.round(hour * cut.stepsPerHour);
    const from = end - Math.round((hour + 1) * cut.stepsPerHour);
    return Math.log(median(values.subarray(from, to)));
  });
}

function dailyChange(levels: Float64Array): Float64Array {
  const length = Math.max(0, levels.length - 24);
  return Float64Array.from(
    { length },
    (_, hour) => (levels[hour] ?? Number.NaN) - (levels[hour + 24] ?? Number.NaN),
  );
}

/**
 * The constants of the right-sizing method, with what each stands for. They were searched on 57 workloads of one
 * public trace, looked at on two more traces, and rounded; docs/adr/ tells how.
 */

/** How the usage of the next day is forecast from that of past days. */
export interface DayForecastMethod {
  /** Days until a past day counts half; the greater share of the weight. */
  readonly halfLifeDays: number;
  /** The same for a second, slower memory, and its weight relative to the first. */
  readonly longHalfLifeDays: number;
  readonly longShare: number;
  /** Extra weight of the same weekday one week ago; it halves in `weekHalfLife` weeks. */
  readonly weekShare: number;
  readonly weekHalfLife: number;
  /** How much of the change in the level of the last `momentumHours` is carried into the next day, 0–1. */
  readonly momentum: number;
  readonly momentumHours: number;
  /** How much of the change of the daily mean is carried into the next day, 0–1. */
  readonly drift: number;
  /** Largest change of level that is carried, in ln. */
  readonly maxShift: number;
  /** Standard deviation, in ln, of what no past day shows. */
  readonly blur: number;
}

export const DAY_FORECAST: DayForecastMethod = {
  halfLifeDays: 1,
  longHalfLifeDays: 8,
  longShare: 0.5,
  weekShare: 0.5,
  weekHalfLife: 0.5,
  momentum: 0.5,
  momentumHours: 2,
  drift: 0.4,
  maxShift: 0.1,
  blur: 0.04,
};

/** What usage above a size is worth, against the size itself. */
export interface OverPrice {
  /** 1 % of the time over the size costs as much as `overPrice` % of the size. */
  readonly overPrice: number;
  /** The forecast share of time over the size never exceeds this. */
  readonly maxOverShare: number;
}

/** CPU above the request is borrowed from idle neighbours, or waits. */
export const CPU_PRICE: OverPrice = { overPrice: 6, maxOverShare: 0.05 };
/** A CPU limit throttles at once: practically all that was seen stays below it. */
export const CPU_LIMIT_PRICE: OverPrice = { overPrice: 200, maxOverShare: 0.002 };
/** Memory above the request (but below the limit) makes a pod the first to be evicted when its node runs short. */
export const SUSTAINED_MEMORY_PRICE: OverPrice = { overPrice: 20, maxOverShare: 0.01 };

/** How the memory peak of the next day is forecast from the peaks of past days, and what an OOM kill is worth. All lengths in ln. */
export interface MemoryMethod {
  /** Days until a past peak counts half. */
  readonly halfLifeDays: number;
  /** A peak that was seen is expected to come back with at least this probability, however old. */
  readonly leastWeight: number;
  /** How many days of the lasting growth are added to all peaks, and the largest growth per day that is believed. */
  readonly growthDays: number;
  readonly maxGrowth: number;
  /** Scale of new records over past peaks: base + perSpike · height of spikes + perGrowth · growth per day, at most `maxScale`. */
  readonly baseScale: number;
  readonly scalePerSpike: number;
  readonly maxSpike: number;
  readonly scalePerGrowth: number;
  readonly maxScale: number;
  /** Share of records that are jumps, unrelated to what the container did before, and their scale. */
  readonly jumpShare: number;
  readonly jumpScale: number;
  /** What a day with an OOM kill costs: as much as `oomPrice` times the memory of that day. */
  readonly oomPrice: number;
}

export const MEMORY_METHOD: MemoryMethod = {
  halfLifeDays: 30,
  leastWeight: 0.25,
  growthDays: 0.5,
  maxGrowth: 0.1,
  baseScale: 0.005,
  scalePerSpike: 0.04,
  maxSpike: 0.4,
  scalePerGrowth: 0.2,
  maxScale: 0.05,
  jumpShare: 0.1,
  jumpScale: 0.02,
  oomPrice: 16,
};

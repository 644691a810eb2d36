/** Sizes CPU from usage alone: before floors, bounds and limits. */
import { quantileBucket, upperBound } from '../statistics/log-histogram.ts';
import { quantileOfSorted, sortedFinite } from '../statistics/order.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { cpuAlternatives } from './alternatives.ts';
import { backtestDays } from './backtest.ts';
import { type BacktestDay, type ConfidenceBasis, CPU_PRIOR } from './confidence.ts';
import { cheapestCover } from './day-sizing.ts';
import { CPU_LIMIT_PRICE, CPU_PRICE, type OverPrice } from './method.ts';
import type { Measure, SizeAlternative } from './outcome.ts';
import { UsageHistory } from './usage-history.ts';

export interface CpuEstimate {
  /** The request of least expected cost, in cores. */
  readonly request: number;
  /** A limit below this would throttle, in cores. */
  readonly limitFloor: number;
  /** Share of the next day that the promise allows above the request. */
  readonly maxOverShare: number;
  readonly basis: ConfidenceBasis;
  readonly measures: readonly Measure[];
  readonly alternatives: readonly SizeAlternative[];
}

export interface CpuQuestion {
  readonly series: UsageSeries;
  readonly nowMs: number;
  /** The user's percentile (50–100); chosen by cost where undefined. */
  readonly percentile?: number | undefined;
  /** The smallest request worth setting, in cores. */
  readonly minCores: number;
  /** What time over the request is worth; CPU_PRICE where undefined. */
  readonly price?: OverPrice;
}

/** Undefined where nothing was ever used: then the smallest request is right. */
export function estimateCpu(question: CpuQuestion): CpuEstimate | undefined {
  const history = UsageHistory.of(question.series, question.nowMs);
  if (history === undefined) return undefined;
  const sizer = new CpuSizer(history, question);
  const request = sizer.request(0);
  if (request === undefined) return undefined;
  const forecast = sizer.forecast;
  const sorted = sortedFinite(question.series.max);
  return {
    request,
    limitFloor: cheapestCover(history.grid, forecast, CPU_LIMIT_PRICE),
    maxOverShare: sizer.maxOverShare,
    basis: { backtest: sizer.backtest(), unbounded: request, prior: CPU_PRIOR, historyDays: history.days },
    measures: [...observed(sorted), ...forecastMeasures(history, forecast, request)],
    alternatives: cpuAlternatives({ history, forecast, sorted, chosen: request }),
  };
}

/** The forecast is blurred: its very end is nothing that was ever seen. */
const MAX_SHARE = 0.999;

class CpuSizer {
  /** The distribution behind the latest request. */
  readonly forecast: Float64Array;
  readonly maxOverShare: number;
  readonly #history: UsageHistory;
  readonly #question: CpuQuestion;

  constructor(history: UsageHistory, question: CpuQuestion) {
    this.#history = history;
    this.#question = question;
    this.forecast = new Float64Array(history.grid.buckets);
    this.maxOverShare = Math.max(CPU_PRICE.maxOverShare, 1 - (question.percentile ?? 100) / 100);
  }

  /** The request for the day after `origin`; undefined without history. */
  request(origin: number): number | undefined {
    if (!this.#history.forecast(origin, this.forecast)) return undefined;
    const { percentile, minCores } = this.#question;
    const { grid } = this.#history;
    const size =
      percentile === undefined
        ? cheapestCover(grid, this.forecast, this.#question.price ?? CPU_PRICE)
        : upperBound(grid, quantileBucket(this.forecast, Math.min(percentile / 100, MAX_SHARE)));
    return Math.max(size, minCores);
  }

  /** Every past day sized from the days before it. Leaves `forecast` alone. */
  backtest(): BacktestDay[] {
    const kept = this.forecast.slice();
    const days = backtestDays(this.#history, (day) => {
      const given = this.request(day + 1);
      return given && this.#history.quantileOfDay(day, 1 - this.maxOverShare) / given;
    });
    this.forecast.set(kept);
    return days;
  }
}

function observed(sorted: Float64Array): Measure[] {
  const at = (q: number, name: string): Measure => ({
    name,
    value: quantileOfSorted(sorted, q),
    unit: 'cores',
    why: `of all samples of the busiest pod`,
  });
  return [at(0.5, 'median'), at(0.95, '95th percentile'), at(0.99, '99th percentile'), at(1, 'peak')];
}

function forecastMeasures(history: UsageHistory, forecast: Float64Array, request: number): Measure[] {
  const at = (q: number) => upperBound(history.grid, Math.max(0, quantileBucket(forecast, q)));
  const { week, level } = history.influences();
  return [
    {
      name: 'forecast 95th percentile',
      value: at(0.95),
      unit: 'cores',
      why: 'of the next day, from past days by likeness',
    },
    {
      name: 'margin',
      value: request / at(0.95) - 1,
      unit: 'ratio',
      why: 'request above the forecast 95th percentile: wide where usage is even, narrow where covering bursts is dear',
    },
    {
      name: 'week',
      value: week,
      unit: 'ratio',
      why: 'share of the forecast that the same weekday of earlier weeks has',
    },
    {
      name: 'level',
      value: level,
      unit: 'ratio',
      why: 'by how much past days were moved to the present level',
    },
  ];
}

/** Sizes memory from usage alone: before floors, bounds and limits. */
import { largest, quantileOfSorted, sortedFinite } from '../statistics/order.ts';
import { quantileBucket, upperBound } from '../statistics/log-histogram.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { memoryAlternatives } from './alternatives.ts';
import { backtestDays } from './backtest.ts';
import { type BacktestDay, type ConfidenceBasis, MEMORY_PRIOR } from './confidence.ts';
import { cheapestCover } from './day-sizing.ts';
import { type Growth, growthOf } from './leak.ts';
import { MemoryHistory } from './memory-history.ts';
import { cheapestSize } from './memory-sizing.ts';
import { MEMORY_METHOD, type MemoryMethod, SUSTAINED_MEMORY_PRICE } from './method.ts';
import type { Measure, SizeAlternative } from './outcome.ts';
import { UsageHistory } from './usage-history.ts';

export interface MemoryEstimate {
  /** What must be there for no sample to hit the limit, in bytes. */
  readonly peak: number;
  /** What is used but for short peaks: a request may lie this low where the limit covers the peak, in bytes. */
  readonly sustained: number;
  /** What the user's percentile comes to, in bytes; undefined without one below 100. */
  readonly asked: number | undefined;
  readonly basis: ConfidenceBasis;
  readonly growth: Growth | undefined;
  readonly measures: readonly Measure[];
  readonly alternatives: readonly SizeAlternative[];
}

export interface MemoryQuestion {
  readonly series: UsageSeries;
  readonly nowMs: number;
  /** The user's percentile (50–100); the peak counts where undefined. */
  readonly percentile?: number | undefined;
  /** MEMORY_METHOD where undefined. */
  readonly method?: MemoryMethod;
}

/** Undefined where the series has no sample above zero. */
export function estimateMemory(question: MemoryQuestion): MemoryEstimate | undefined {
  const method = question.method ?? MEMORY_METHOD;
  const history = MemoryHistory.of(question.series, question.nowMs, method);
  const now = history?.forecast(0);
  if (history === undefined || now === undefined) return undefined;
  const { asked, sustained } = dayQuantiles(question);
  const peak = Math.exp(cheapestSize(now, method));
  const sorted = sortedFinite(question.series.max);
  return {
    peak,
    sustained: Math.min(sustained, peak),
    asked,
    basis: {
      backtest: backtest(history, method),
      unbounded: peak,
      prior: MEMORY_PRIOR,
      historyDays: history.days,
    },
    growth: growthOf(history.levels),
    measures: measuresOf({ sorted, peak, sustained, growthPerDay: now.growth, scale: now.scale }),
    alternatives: memoryAlternatives({ peak: largest(sorted), chosen: peak }),
  };
}

function backtest(history: MemoryHistory, method: MemoryMethod): BacktestDay[] {
  return backtestDays(history, (day) => {
    const forecast = history.forecast(day + 1);
    return forecast && Math.exp(history.peakOfDay(day) - cheapestSize(forecast, method));
  });
}

interface DayQuantiles {
  readonly sustained: number;
  readonly asked: number | undefined;
}

/** What a day is expected to use but for short peaks, and the user's percentile of it where there is one. */
function dayQuantiles({ series, nowMs, percentile }: MemoryQuestion): DayQuantiles {
  const history = UsageHistory.of(series, nowMs);
  const unknown = { sustained: Number.POSITIVE_INFINITY, asked: undefined };
  if (history === undefined) return unknown;
  const forecast = new Float64Array(history.grid.buckets);
  if (!history.forecast(0, forecast)) return unknown;
  const sustained = cheapestCover(history.grid, forecast, SUSTAINED_MEMORY_PRICE);
  if (percentile === undefined || percentile >= 100) return { sustained, asked: undefined };
  return { sustained, asked: upperBound(history.grid, quantileBucket(forecast, percentile / 100)) };
}

interface Seen {
  readonly sorted: Float64Array;
  readonly peak: number;
  readonly sustained: number;
  readonly growthPerDay: number;
  readonly scale: number;
}

function measuresOf({ sorted, peak, sustained, growthPerDay, scale }: Seen): Measure[] {
  const highest = quantileOfSorted(sorted, 1);
  const seen = (name: string, q: number): Measure => ({
    name,
    value: quantileOfSorted(sorted, q),
    unit: 'bytes',
    why: 'of all samples of the fullest pod',
  });
  return [
    seen('median', 0.5),
    seen('95th percentile', 0.95),
    { name: 'peak', value: highest, unit: 'bytes', why: 'highest sample of any pod, starts included' },
    {
      name: 'growth',
      value: Math.expm1(growthPerDay),
      unit: 'ratio',
      why: 'lasting growth per day: the median hour against the same hour of the day before',
    },
    {
      name: 'record scale',
      value: scale,
      unit: 'ratio',
      why: 'how far new records tend to lie above old ones: more where spikes are high or memory grows',
    },
    {
      name: 'sustained',
      value: sustained,
      unit: 'bytes',
      why: 'used but for short peaks: a request may lie this low where the limit holds the peak',
    },
    { name: 'margin', value: peak / highest - 1, unit: 'ratio', why: 'above the highest sample' },
  ];
}

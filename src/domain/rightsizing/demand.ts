/** The CPU demand of a whole workload on the next day, with its track record. */
import { upperBound, quantileBucket } from '../statistics/log-histogram.ts';
import type { UsageSeries } from '../usage/usage.ts';
import { backtestDays } from './backtest.ts';
import { type BacktestDay, type ConfidenceBasis, CPU_PRIOR } from './confidence.ts';
import type { Measure } from './outcome.ts';
import { seasonMeasures } from './season.ts';
import { UsageHistory } from './usage-history.ts';

export interface DemandEstimate {
  /** The demand that replicas must carry, in cores. */
  readonly cores: number;
  readonly basis: ConfidenceBasis;
  readonly measures: readonly Measure[];
}

/** All but a quarter of an hour of the day. */
const COVERED = 0.99;
/** The promise: 95 % of the time. */
const PROMISED = 0.95;

/** The demand that the forecast of the next day exceeds for 1 % of the time; 0 where nothing was ever used. */
export function estimateDemand(total: UsageSeries, nowMs: number): DemandEstimate {
  const history = UsageHistory.of(total, nowMs);
  const cores = history === undefined ? undefined : demandAt(history, 0);
  if (history === undefined || cores === undefined) {
    return {
      cores: 0,
      basis: { backtest: [], unbounded: 1e-9, prior: CPU_PRIOR, historyDays: 1 },
      measures: [],
    };
  }
  const why = `exceeded on 1 % of the next day by the forecast`;
  return {
    cores,
    basis: { backtest: backtest(history), unbounded: cores, prior: CPU_PRIOR, historyDays: history.days },
    measures: [{ name: 'demand', value: cores, unit: 'cores', why }, ...seasonMeasures(total)],
  };
}

function demandAt(history: UsageHistory, origin: number): number | undefined {
  const forecast = new Float64Array(history.grid.buckets);
  return history.forecast(origin, forecast)
    ? upperBound(history.grid, quantileBucket(forecast, COVERED))
    : undefined;
}

function backtest(history: UsageHistory): BacktestDay[] {
  return backtestDays(history, (day) => {
    const given = demandAt(history, day + 1);
    return given && history.quantileOfDay(day, PROMISED) / given;
  });
}

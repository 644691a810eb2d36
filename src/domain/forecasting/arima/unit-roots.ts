/** How often to difference: KPSS for trends, the strength of the season for seasons (Hyndman & Khandakar 2008; FPP3 §9.1). */
import { mstl, seasonalStrength } from '../seasonal/mstl.ts';
import { difference } from './differences.ts';

/**
 * The KPSS statistic for stationarity around a level (Kwiatkowski, Phillips, Schmidt & Shin 1992) with ⌊4·(n/100)^¼⌋
 * Bartlett weights; finite values. 0 for a constant.
 */
export function kpss(values: Float64Array): number {
  const n = values.length;
  const centre = values.reduce((sum, value) => sum + value, 0) / n;
  const residuals = values.map((value) => value - centre);
  let partial = 0;
  let squares = 0;
  for (const residual of residuals) {
    partial += residual;
    squares += partial * partial;
  }
  const lags = Math.floor(4 * (n / 100) ** 0.25);
  let longRun = lagged(residuals, 0);
  for (let lag = 1; lag <= lags; lag++) longRun += 2 * (1 - lag / (lags + 1)) * lagged(residuals, lag);
  return longRun > 0 ? squares / (n * n) / longRun : 0;
}

function lagged(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < values.length; t++) sum += (values[t] ?? 0) * (values[t - lag] ?? 0);
  return sum / values.length;
}

/** The statistic that one stationary series in twenty exceeds (Table 1 of the paper). */
const KPSS_5_PERCENT = 0.463;

/** Differences until the KPSS test does not reject, 2 at most. */
export function ordinaryDifferences(values: Float64Array): number {
  let current = values;
  for (let d = 0; d < 2; d++) {
    if (current.length < 10 || kpss(current) <= KPSS_5_PERCENT) return d;
    current = difference(current, { d: 1, D: 0, m: 1 });
  }
  return 2;
}

/** One seasonal difference where the season explains more than 64 % of what is not trend. */
export function seasonalDifferences(values: Float64Array, season: number): number {
  if (season < 2 || values.length < 3 * season) return 0;
  const { seasonals, remainder } = mstl(values, { seasons: [season] });
  const found = seasonals[0];
  return found !== undefined && seasonalStrength(found.values, remainder) > 0.64 ? 1 : 0;
}

/** Season lengths from the series itself, for callers who do not know them. */
import { difference } from '../arima/differences.ts';

/** An autocorrelation of differences below this is not taken for a season. */
const LEAST_CORRELATION = 0.25;

/**
 * Up to two season lengths, ascending, found as the strongest peaks of the autocorrelation of first differences at lags
 * from 4 to a third of the length; a multiple of the first must correlate clearly better to count as well.
 */
export function detectSeasons(values: Float64Array): number[] {
  const changes = difference(values, { d: 1, D: 0, m: 1 });
  const longest = Math.min(Math.floor(values.length / 3), 2100);
  const correlation = autocorrelation(changes, longest + 1);
  const peaks = [...correlation.keys()].filter(
    (lag) => lag >= 4 && lag <= longest && isPeak(correlation, lag),
  );
  peaks.sort((a, b) => (correlation[b] ?? 0) - (correlation[a] ?? 0));
  const strongest = correlation[peaks[0] ?? 0] ?? 0;
  const first = Math.min(...peaks.filter((lag) => (correlation[lag] ?? 0) > 0.8 * strongest));
  const second = peaks.find(
    (lag) => lag > 1.5 * first && (correlation[lag] ?? 0) > (correlation[first] ?? 0) + 0.1,
  );
  return [first, second].filter((lag) => lag !== undefined && Number.isFinite(lag)) as number[];
}

function isPeak(correlation: Float64Array, lag: number): boolean {
  const here = correlation[lag] ?? 0;
  return (
    here > LEAST_CORRELATION && here >= (correlation[lag - 1] ?? 0) && here >= (correlation[lag + 1] ?? 0)
  );
}

/** Autocorrelations at lags 0…`count`−1. */
export function autocorrelation(values: Float64Array, count: number): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const products = Float64Array.from({ length: count }, (_, lag) => {
    let sum = 0;
    for (let t = lag; t < centred.length; t++) sum += (centred[t] ?? 0) * (centred[t - lag] ?? 0);
    return sum;
  });
  const total = products[0] ?? 0;
  return products.map((product) => (total > 0 ? product / total : 0));
}

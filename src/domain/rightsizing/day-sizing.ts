/**
 * The size of least expected cost for a forecast day: every percent of size costs as much as it reserves, every percent
 * of time over it costs `overPrice` times as much. So flat usage is covered almost whole, since that is cheap, and rare
 * bursts are left uncovered where covering them would be dear. A fixed percentile does neither.
 */
import { type LogGrid, upperBound } from '../statistics/log-histogram.ts';
import type { OverPrice } from './method.ts';

/** The minimum of ln(size) + overPrice · P(usage > size) over sizes with P(usage > size) ≤ maxOverShare. */
export function cheapestCover(grid: LogGrid, forecast: Float64Array, price: OverPrice): number {
  let above = 1;
  let best = { cost: Number.POSITIVE_INFINITY, bucket: grid.buckets - 1 };
  for (let bucket = 0; bucket < grid.buckets; bucket++) {
    above -= forecast[bucket] ?? 0;
    if (above > price.maxOverShare) continue;
    const cost = bucket * grid.logGrowth + price.overPrice * Math.max(above, 0);
    if (cost < best.cost) best = { cost, bucket };
  }
  return upperBound(grid, best.bucket);
}

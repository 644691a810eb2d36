/** The demand of a whole workload, from the mean over its pods. */
import type { UsageSeries } from '../usage/usage.ts';
import { quantile } from '../statistics/order.ts';

/** All pods together: mean × pods per step, as a series of one; unknown where either is. */
export function totalOf(series: UsageSeries): UsageSeries {
  const total = series.mean.map((mean, step) => mean * (series.pods[step] ?? Number.NaN));
  return { ...series, max: total, mean: total, pods: new Float64Array(total.length).fill(1) };
}

export interface MemoryLoad {
  /** Whether memory per pod rises with CPU per pod, so that fewer pods would each need more. */
  readonly follows: boolean;
  /** 99th percentile of the memory of all pods together, in bytes. */
  readonly peakTotalBytes: number;
  readonly why: string;
}

/** From half of the variance on (r ≥ 0.7) memory is taken to go with the load. */
const MIN_CORRELATION = 0.7;

/** Correlates memory and CPU of a pod over the steps that both know. */
export function memoryFollowsLoad(cpu: UsageSeries, memory: UsageSeries): MemoryLoad {
  const offset = Math.round((cpu.startMs - memory.startMs) / cpu.stepMs);
  const r = correlation(cpu.mean.subarray(Math.max(0, -offset)), memory.mean.subarray(Math.max(0, offset)));
  const follows = r >= MIN_CORRELATION;
  const detail = Number.isFinite(r) ? `correlation ${r.toFixed(2)}` : 'no variation';
  return {
    follows,
    peakTotalBytes: quantile(totalOf(memory).mean, 0.99),
    why: follows
      ? `memory of a pod goes with its load (${detail}): fewer pods hold more each`
      : `memory of a pod does not go with its load (${detail})`,
  };
}

/** Pearson's r over the places where both are finite; NaN where either does not vary. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let [n, sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? Number.NaN, b[i] ?? Number.NaN];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    n++;
    sumA += x;
    sumB += y;
    squareA += x * x;
    squareB += y * y;
    product += x * y;
  }
  const variances = (squareA - (sumA * sumA) / n) * (squareB - (sumB * sumB) / n);
  return variances > 0 ? (product - (sumA * sumB) / n) / Math.sqrt(variances) : Number.NaN;
}

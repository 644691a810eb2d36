/** What other rules would have set, and why this is not it. Constants are those that the peers publish. */
import { quantileBucket, shareAbove, upperBound } from '../statistics/log-histogram.ts';
import { quantileOfSorted } from '../statistics/order.ts';
import type { SizeAlternative } from './outcome.ts';
import type { UsageHistory } from './usage-history.ts';

interface CpuContext {
  readonly history: UsageHistory;
  /** The distribution of the next day. */
  readonly forecast: Float64Array;
  readonly sorted: Float64Array;
  readonly chosen: number;
}

/** KRR: 95th percentile, no margin. VPA: 90th of a decaying histogram, +15 %. And the peak ever seen. */
export function cpuAlternatives(context: CpuContext): SizeAlternative[] {
  const { history, forecast, sorted, chosen } = context;
  const over = (cores: number) =>
    `${percent(shareAbove(history.grid, forecast, cores))} of the next day would lie above it`;
  const rejected = (name: string, value: number): SizeAlternative => {
    const spare = value > chosen ? `reserves ${percent(value / chosen - 1)} more` : 'reserves less';
    return { name, value, unit: 'cores', verdict: 'rejected', why: `${spare}; ${over(value)}` };
  };
  return [
    { name: 'least expected cost', value: chosen, unit: 'cores', verdict: 'chosen', why: over(chosen) },
    rejected('95th percentile of all samples (KRR)', quantileOfSorted(sorted, 0.95)),
    rejected('90th percentile of decayed samples + 15 % (VPA)', 1.15 * decayedQuantile(history, 0.9)),
    rejected('highest sample', quantileOfSorted(sorted, 1)),
  ];
}

/** A quantile of all samples, a day counting half as much as the day after it. */
function decayedQuantile(history: UsageHistory, q: number): number {
  const weights = new Float64Array(history.grid.buckets);
  history.decayed(1, weights);
  return upperBound(history.grid, Math.max(0, quantileBucket(weights, q)));
}

interface MemoryContext {
  readonly peak: number;
  readonly chosen: number;
}

/** KRR: peak + 15 %; the bare peak. */
export function memoryAlternatives({ peak, chosen }: MemoryContext): SizeAlternative[] {
  const rejected = (name: string, value: number, why: string): SizeAlternative => ({
    name,
    value,
    unit: 'bytes',
    verdict: 'rejected',
    why,
  });
  const beyond = chosen / peak - 1;
  const krr =
    beyond < 0.15
      ? 'reserves more than this workload has ever needed'
      : 'too little for how this workload grows and jumps';
  return [
    {
      name: 'least expected cost',
      value: chosen,
      unit: 'bytes',
      verdict: 'chosen',
      why: `${percent(beyond)} over the highest sample`,
    },
    rejected('highest sample', peak, 'the next record would be an OOM kill'),
    rejected('highest sample + 15 % (KRR)', 1.15 * peak, krr),
  ];
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}

/**
 * What a throttled container would have used. While it is throttled, usage shows the limit and not the demand; so a
 * recommendation from usage alone would keep the limit as it is for ever.
 */
import type { UsageSeries } from '../usage/usage.ts';
import { quantile } from '../statistics/order.ts';
import type { Measure } from './outcome.ts';

/** A few throttled periods are normal for multi-threaded programs. */
const MIN_RATIO = 0.05;

export interface Demand {
  readonly series: UsageSeries;
  readonly measure: Measure | undefined;
}

/**
 * CPU usage with throttled steps raised by the share of throttled periods: at most doubled. That is a lower bound of
 * the demand; repeated analyses after a raise come as close as needed.
 */
export function demandOf(cpu: UsageSeries, throttled: UsageSeries | undefined): Demand {
  if (throttled === undefined || throttled.stepMs !== cpu.stepMs) return { series: cpu, measure: undefined };
  const offset = Math.round((cpu.startMs - throttled.startMs) / cpu.stepMs);
  const ratioAt = (step: number) => {
    const ratio = throttled.max[step + offset] ?? Number.NaN;
    return ratio >= MIN_RATIO ? Math.min(ratio, 1) : 0;
  };
  const high = quantile(throttled.max, 0.95);
  if (!(high >= MIN_RATIO)) return { series: cpu, measure: undefined };
  const max = cpu.max.map((value, step) => value * (1 + ratioAt(step)));
  const why =
    '95th percentile of the share of throttled periods; usage in such steps is raised by it, since it shows the limit and not the demand';
  return { series: { ...cpu, max }, measure: { name: 'throttled', value: high, unit: 'ratio', why } };
}

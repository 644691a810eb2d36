/** The few numbers of a usage series that risk and messages need. */
import type { ResourceName } from '../change/field.ts';
import { quantileOfSorted, sortedFinite } from '../statistics/order.ts';
import type { ContainerUsage, UsageSeries } from '../usage/usage.ts';

/** Undefined parts are unknown. */
export interface UsageProfile {
  readonly p95: number | undefined;
  readonly peak: number | undefined;
  /** Peak divided by the 95th percentile. */
  readonly burstiness: number | undefined;
  /** 95th percentile of the share of throttled periods, 0–1. */
  readonly throttledRatio: number | undefined;
}

export function usageProfile(usage: ContainerUsage | undefined, resource: ResourceName): UsageProfile {
  const series = resource === 'cpu' ? usage?.cpuCores : usage?.memoryBytes;
  const p95 = quantile(series, 0.95);
  const peak = quantile(series, 1);
  return {
    p95,
    peak,
    burstiness: p95 === undefined || peak === undefined || p95 === 0 ? undefined : peak / p95,
    throttledRatio: quantile(usage?.throttledRatio, 0.95),
  };
}

function quantile(series: UsageSeries | undefined, share: number): number | undefined {
  if (series === undefined) return undefined;
  const known = sortedFinite(series.max);
  return known.length === 0 ? undefined : quantileOfSorted(known, share);
}

/** The newest known share of throttled periods, over the last hour, in the container that suffers most. */
export function recentThrottling(usage: readonly ContainerUsage[]): number | undefined {
  const recent = usage.flatMap(({ throttledRatio }) => lastHourMean(throttledRatio) ?? []);
  return recent.length === 0 ? undefined : Math.max(...recent);
}

function lastHourMean(series: UsageSeries | undefined): number | undefined {
  if (series === undefined) return undefined;
  const steps = Math.max(1, Math.round(3_600_000 / series.stepMs));
  const known = [...series.mean.subarray(-steps)].filter((value) => Number.isFinite(value));
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Usage for tests: regular series from a formula, with noise that depends on the step alone. */
import type { ContainerUsage, UsageSeries } from '../../usage/usage.ts';

export const STEP_MS = 300_000;
export const STEPS_PER_DAY = 288;

/** A point in time: days since the start (with fraction), hour of the day, and noise in [0, 1). */
export interface Moment {
  readonly day: number;
  readonly hour: number;
  readonly noise: number;
}

/** A series of `days` days; `nowMs` is its end. */
export function recorded(days: number, at: (moment: Moment) => number, pods = 1): UsageSeries {
  const steps = Math.round(days * STEPS_PER_DAY);
  const max = Float64Array.from({ length: steps }, (_, step) => {
    const day = step / STEPS_PER_DAY;
    return at({ day, hour: (day % 1) * 24, noise: noise(step) });
  });
  return { startMs: 0, stepMs: STEP_MS, max, mean: max.slice(), pods: new Float64Array(steps).fill(pods) };
}

/** The end of a series. */
export function endOf(series: UsageSeries): number {
  return series.startMs + series.max.length * series.stepMs;
}

/** The same series times `factor`. */
export function scaled(series: UsageSeries, factor: number): UsageSeries {
  const times = (value: number) => value * factor;
  return { ...series, max: series.max.map(times), mean: series.mean.map(times) };
}

export function usageOf(parts: Partial<ContainerUsage>): ContainerUsage {
  return { container: 'app', oomKills: [], ...parts };
}

/** A regular day: low at night, high by day, a little noise. */
export function dailyCycle({ hour, noise: share }: Moment): number {
  return 1 + 0.5 * Math.sin((hour / 24) * 2 * Math.PI) + 0.1 * share;
}

/** Low-discrepancy noise (golden ratio sequence): even, and the same in every run. */
function noise(step: number): number {
  return (step * 0.618_033_988_749_895) % 1;
}

/** What a container needs while it starts: the steps around restarts and new pods. */
import type { UsageSeries } from '../usage/usage.ts';

/** Readiness takes minutes at most; what comes later is work. */
const STARTUP_MS = 600_000;

/** The highest usage within ten minutes of a start, and how many starts were seen; undefined without any. */
export function startupPeak(
  series: UsageSeries,
  restarts: UsageSeries | undefined,
): { value: number; starts: number } | undefined {
  const span = Math.max(1, Math.ceil(STARTUP_MS / series.stepMs));
  let [value, starts] = [Number.NEGATIVE_INFINITY, 0];
  for (let step = 0; step < series.max.length; step++) {
    if (!startsAt(series, restarts, step)) continue;
    const highest = series.max
      .subarray(step, step + span)
      .reduce((most, each) => (each > most ? each : most), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(highest)) continue;
    starts++;
    value = Math.max(value, highest);
  }
  return starts > 0 ? { value, starts } : undefined;
}

function startsAt(series: UsageSeries, restarts: UsageSeries | undefined, step: number): boolean {
  const [now, before] = [series.pods[step] ?? Number.NaN, series.pods[step - 1] ?? Number.NaN];
  if (now > before) return true;
  if (restarts === undefined || restarts.stepMs !== series.stepMs) return false;
  const offset = Math.round((series.startMs - restarts.startMs) / series.stepMs);
  return (restarts.max[step + offset] ?? 0) > 0;
}

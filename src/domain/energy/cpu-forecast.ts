/** Stage 1: how many cores a container will use on average over the horizon, and how sure that is. */
import { type Effort } from '#domain/forecasting/candidates.ts';
import { forecast, type Forecast, type MemberReport } from '#domain/forecasting/forecast.ts';
import { normalQuantile } from '#domain/statistics/normal.ts';
import { errorModel, type ErrorModel } from './error-model.ts';

export interface CpuForecast {
  readonly kind: 'forecast';
  /** Mean over the horizon. */
  readonly meanCores: number;
  /** One value per step. */
  readonly pathCores: Float64Array;
  /** The joint distribution of what the path may be wrong by. */
  readonly error: ErrorModel;
  /** The models behind it, heaviest first. */
  readonly models: readonly MemberReport[];
  /** Samples given, and how many of the latest were used. */
  readonly samplesGiven: number;
  readonly samplesUsed: number;
  /** What was wrong with the history or limits what can be said, a sentence each. */
  readonly notes: readonly string[];
}

export interface CpuForecastOptions {
  readonly steps: number;
  readonly effort: Effort;
}

/** A week of minutes. What lies further back costs time and says little about the next hours. */
export const MOST_SAMPLES = 10_080;
const LEVEL = 0.95;

/** Forecasts from the latest `MOST_SAMPLES` of the history, in which NaN is what is not known; or the reason why not. */
export function forecastCpu(
  history: ArrayLike<number>,
  { steps, effort }: CpuForecastOptions,
): CpuForecast | { readonly kind: 'unknown'; readonly reason: string } {
  const all = Float64Array.from(history);
  const used = all.subarray(Math.max(0, all.length - MOST_SAMPLES));
  const found = forecast(used, { horizon: steps, levels: [LEVEL], effort, limits: { least: 0 } });
  if (found.kind === 'unknown') return found;
  const limited =
    used.length < all.length ? [`of ${all.length} samples the latest ${used.length} were used`] : [];
  return {
    kind: 'forecast',
    meanCores: mean(found.points),
    pathCores: found.points,
    error: errorModel({ sd: deviations(found), samples: used.length, backtest: found.backtest }),
    models: found.models,
    samplesGiven: all.length,
    samplesUsed: used.length,
    notes: [...limited, ...found.notes.map(({ text }) => text)],
  };
}

/** Deviations per step as the calibrated intervals have them; the upper side, since the lower one ends at 0. */
function deviations({ points, intervals }: Forecast): Float64Array {
  const reach = normalQuantile((1 + LEVEL) / 2);
  return points.map((point, step) => ((intervals[0]?.upper[step] ?? point) - point) / reach);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

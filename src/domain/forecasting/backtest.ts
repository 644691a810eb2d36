/** Backtests: what a model would have forecast from past origins, its parameters fitted before the first of them. */
import { type Model } from './model.ts';

export interface Origins {
  /** Values known at each origin, ascending. */
  readonly lengths: readonly number[];
  readonly horizon: number;
}

export interface Track {
  /** One row of `horizon` forecasts per origin. */
  readonly means: readonly Float64Array[];
  /** The deviations that the model itself expects, of the last origin. */
  readonly sd: Float64Array;
}

/** Fewer values than this are not fitted to. */
const FEWEST_FITTED = 8;
/** At most a third of the values is kept for judging. */
const JUDGED_SHARE = 0.35;

/**
 * Up to `most` origins, evenly over the last third, each with all its `horizon` steps known; none where the series is
 * too short to both fit and judge.
 */
export function origins(length: number, horizon: number, most: number): Origins {
  const room = Math.floor(length * JUDGED_SHARE) - horizon;
  if (room < 0 || length - horizon - room < FEWEST_FITTED) return { lengths: [], horizon };
  const count = Math.min(most, room + 1);
  const stride = count > 1 ? Math.floor(room / (count - 1)) : 1;
  const last = length - horizon;
  return { lengths: Array.from({ length: count }, (_, k) => last - (count - 1 - k) * stride), horizon };
}

/** Undefined where the model does not apply to what is known at the first origin, or forecasts what is not finite. */
export function track(values: Float64Array, model: Model, { lengths, horizon }: Origins): Track | undefined {
  const forecaster = model.fit(values.subarray(0, lengths[0] ?? 0));
  if (forecaster === undefined) return undefined;
  const paths = lengths.map((length) => forecaster.forecast(values.subarray(0, length), horizon));
  const means = paths.map(({ mean }) => mean);
  if (means.some((mean) => !mean.every(Number.isFinite))) return undefined;
  return { means, sd: paths.at(-1)?.sd ?? new Float64Array(horizon) };
}

/** What happened minus what was forecast, per origin. */
export function errorsOf(
  values: Float64Array,
  means: readonly Float64Array[],
  { lengths }: Origins,
): Float64Array[] {
  return means.map((mean, k) =>
    mean.map((value, h) => (values[(lengths[k] ?? 0) + h] ?? Number.NaN) - value),
  );
}

export function meanAbsolute(errors: readonly Float64Array[]): number {
  let [sum, count] = [0, 0];
  for (const row of errors)
    for (const error of row) {
      sum += Math.abs(error);
      count++;
    }
  return sum / count;
}

/** How many of the forecast paths do not overlap. */
export function independentPaths({ lengths, horizon }: Origins): number {
  const span = (lengths.at(-1) ?? 0) - (lengths[0] ?? 0);
  return Math.min(lengths.length, 1 + span / horizon);
}

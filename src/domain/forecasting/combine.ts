/** Forecasts of several models weighted by their backtests. */
import { errorsOf, meanAbsolute, type Origins, track, type Track } from './backtest.ts';
import { type Forecaster, type Model, type Path } from './model.ts';

export interface Entrant {
  readonly model: Model;
  readonly forecaster: Forecaster;
  readonly track: Track;
  /** Mean absolute error over all origins and steps. */
  readonly error: number;
}

export interface Member extends Entrant {
  /** Shares of the members sum to 1. */
  readonly weight: number;
}

/** Backtests every model that applies; best first. */
export function compete(values: Float64Array, models: readonly Model[], origins: Origins): Entrant[] {
  const entrants = models.flatMap((model) => {
    const found = track(values, model, origins);
    const forecaster = found === undefined ? undefined : model.fit(values);
    if (found === undefined || forecaster === undefined) return [];
    return [{ model, forecaster, track: found, error: meanAbsolute(errorsOf(values, found.means, origins)) }];
  });
  return entrants.filter(({ error }) => Number.isFinite(error)).sort((a, b) => a.error - b.error);
}

/** More members bring nothing, fewer lose the gain of combining. */
const MOST_MEMBERS = 5;
/** Weights fall with this power of the backtest error. */
const SHARPNESS = 3;

/** The best few with weights by their errors; those more than twice as wrong as the best are left out. */
export function weighted(entrants: readonly Entrant[]): Member[] {
  const best = entrants[0]?.error ?? 0;
  const chosen = entrants.slice(0, MOST_MEMBERS).filter(({ error }) => error <= 2 * best);
  const weights = chosen.map(({ error }) => (best > 0 ? (best / error) ** SHARPNESS : 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return chosen.map((entrant, index) => ({ ...entrant, weight: (weights[index] ?? 0) / total }));
}

/** The weighted mean of rows of one length. */
export function blend(rows: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(rows[0]?.length ?? 0);
  rows.forEach((row, index) => {
    row.forEach((value, h) => (sum[h] = (sum[h] ?? 0) + (weights[index] ?? 0) * value));
  });
  return sum;
}

/** What the combination would have forecast from each origin. */
export function blendedTrack(members: readonly Member[]): Float64Array[] {
  const weights = members.map(({ weight }) => weight);
  const count = members[0]?.track.means.length ?? 0;
  return Array.from({ length: count }, (_, k) =>
    blend(
      members.map(({ track: { means } }) => means[k] ?? new Float64Array()),
      weights,
    ),
  );
}

/** Whether a path stays within three times the range of the past, and further the longer it is. */
function plausible({ mean, sd }: Path, values: Float64Array): boolean {
  const sorted = values.slice().sort();
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const room = 3 * (most - least) * (1 + mean.length / values.length);
  return sd.every(Number.isFinite) && mean.every((value) => value >= least - room && value <= most + room);
}

/** The combination's forecast; members that run away are left out, and undefined is told if all do. */
export function blendedPath(
  members: readonly Member[],
  values: Float64Array,
  horizon: number,
): Path | undefined {
  const paths = members.flatMap(({ forecaster, weight }) => {
    const path = forecaster.forecast(values, horizon);
    return plausible(path, values) ? [{ path, weight }] : [];
  });
  const total = paths.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) return undefined;
  const weights = paths.map(({ weight }) => weight / total);
  return {
    mean: blend(
      paths.map(({ path }) => path.mean),
      weights,
    ),
    sd: blend(
      paths.map(({ path }) => path.sd),
      weights,
    ),
  };
}

/** The forecast of a measured series: cleaned, modelled by what backtests best, with calibrated intervals. */
import { errorsOf, independentPaths, meanAbsolute, type Origins, origins } from './backtest.ts';
import { candidates, type Effort } from './candidates.ts';
import { blendedPath, blendedTrack, compete, type Member, weighted } from './combine.ts';
import {
  conformalReach,
  type Interval,
  intervals,
  type Limits,
  normalReach,
  type Reach,
} from './intervals.ts';
import { type Path } from './model.ts';
import { meanModel, naive } from './models/baselines.ts';
import { type Prepared, prepare, type QualityNote } from './quality/prepare.ts';
import { detectSeasons } from './seasonal/detect.ts';

export interface ForecastOptions {
  /** How many steps to forecast, 1 to 10,000. */
  readonly horizon: number;
  /** Shares of outcomes that intervals should hold; default 0.8 and 0.95. */
  readonly levels?: readonly number[];
  /** Season lengths in steps, such as 288 and 2016 for 5-minute steps; found from the series when not given. */
  readonly seasonLengths?: readonly number[];
  /** How much work it may cost; default `standard`. */
  readonly effort?: Effort;
  /** What values can be at all; default: not below 0 when no known value is. */
  readonly limits?: Partial<Limits>;
}

export interface MemberReport {
  readonly name: string;
  readonly description: string;
  /** Share in the combination, 0–1. */
  readonly weight: number;
  /** Mean absolute error of its backtest; NaN where there was none. */
  readonly meanAbsoluteError: number;
}

export interface BacktestReport {
  readonly origins: number;
  /** Of the combination, over all origins and steps. */
  readonly meanAbsoluteError: number;
  /** The same error over the mean size of the values that were forecast; NaN where those are all 0. */
  readonly weightedPercentageError: number;
  /** Mean absolute error per step ahead. */
  readonly perStep: Float64Array;
  /** What happened minus what was forecast: a row per origin, a value per step of `perStep`. */
  readonly errors: readonly Float64Array[];
  /** How many of the rows do not overlap. */
  readonly independentPaths: number;
}

export interface Forecast {
  readonly kind: 'forecast';
  /** One value per step after the last of the series. */
  readonly points: Float64Array;
  readonly intervals: readonly Interval[];
  /** The models in the combination, heaviest first. */
  readonly models: readonly MemberReport[];
  /** Undefined where the series was too short to judge by. */
  readonly backtest: BacktestReport | undefined;
  readonly seasonLengths: readonly number[];
  readonly notes: readonly QualityNote[];
}

/** Nothing can be said, and why. */
export interface UnknownForecast {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** Origins of the backtest per effort. */
const ORIGINS: Readonly<Record<Effort, number>> = { quick: 16, standard: 40, thorough: 40 };
const LONGEST_HORIZON = 10_000;

/**
 * Forecasts the steps after the last of `series`, in which NaN and infinities stand for what is not known.
 * @throws RangeError for a horizon or a level that makes no sense.
 */
export function forecast(series: ArrayLike<number>, options: ForecastOptions): Forecast | UnknownForecast {
  const { horizon, levels = [0.8, 0.95], effort = 'standard' } = options;
  check(horizon, levels);
  const seasons = seasonsOf(series, options.seasonLengths);
  const prepared = prepare(series, { seasons });
  if ('unknown' in prepared) return { kind: 'unknown', reason: prepared.unknown };
  const steps = horizon + prepared.staleSteps;
  const limits = limitsOf(prepared.values, options.limits);
  if (prepared.constant) return constant(prepared, { horizon, levels, seasons });
  const usable = seasons.filter((m) => prepared.values.length >= 2 * m + 8);
  const plan = origins(
    prepared.values.length,
    Math.min(steps, longestJudged(prepared.values.length)),
    ORIGINS[effort],
  );
  const members = weighted(
    compete(prepared.values, candidates(prepared.values.length, usable, effort), plan),
  );
  const path = members.length > 0 ? blendedPath(members, prepared.values, steps) : undefined;
  const found = path === undefined ? untested(prepared, steps) : tested(prepared, { members, plan, path });
  const shown = {
    mean: found.path.mean.slice(prepared.staleSteps),
    sd: found.path.sd.slice(prepared.staleSteps),
  };
  return {
    kind: 'forecast',
    points: shown.mean.map((value) => Math.min(Math.max(value, limits.least), limits.most)),
    intervals: intervals(shown, levels, { reach: found.reach, limits }),
    models: found.models,
    backtest: found.backtest,
    seasonLengths: usable,
    notes: [...prepared.notes, ...found.notes],
  };
}

function check(horizon: number, levels: readonly number[]): void {
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > LONGEST_HORIZON)
    throw new RangeError(`horizon must be a whole number from 1 to ${LONGEST_HORIZON}, not ${horizon}`);
  const wrong = levels.find((level) => !(level > 0 && level < 1));
  if (wrong !== undefined) throw new RangeError(`levels must lie between 0 and 1, not ${wrong}`);
}

function seasonsOf(series: ArrayLike<number>, given: readonly number[] | undefined): number[] {
  if (given !== undefined)
    return [...new Set(given.filter((m) => Number.isInteger(m) && m >= 2))].sort((a, b) => a - b);
  const known = Float64Array.from(series).filter(Number.isFinite);
  return known.length === series.length && known.length >= 24 ? detectSeasons(known) : [];
}

/** Backtests judge horizons up to a fifth of the series; what lies further is taken to be as wrong in deviations. */
function longestJudged(length: number): number {
  return Math.max(1, Math.floor(length / 5));
}

function limitsOf(values: Float64Array, { least, most }: Partial<Limits> = {}): Limits {
  const positive = values.every((value) => value >= 0);
  return {
    least: least ?? (positive ? 0 : Number.NEGATIVE_INFINITY),
    most: most ?? Number.POSITIVE_INFINITY,
  };
}

function constant(
  { values, notes }: Prepared,
  at: { horizon: number; levels: readonly number[]; seasons: readonly number[] },
): Forecast {
  const points = new Float64Array(at.horizon).fill(values[0] ?? 0);
  return {
    kind: 'forecast',
    points,
    intervals: at.levels.map((level) => ({ level, lower: points.slice(), upper: points.slice() })),
    models: [{ name: 'mean', description: 'constant', weight: 1, meanAbsoluteError: 0 }],
    backtest: undefined,
    seasonLengths: [],
    notes,
  };
}

interface Found {
  readonly path: Path;
  readonly reach: Reach;
  readonly models: readonly MemberReport[];
  readonly backtest: BacktestReport | undefined;
  readonly notes: readonly QualityNote[];
}

function tested(
  { values }: Prepared,
  { members, plan, path }: { members: readonly Member[]; plan: Origins; path: Path },
): Found {
  const errors = errorsOf(values, blendedTrack(members), plan);
  const judged = plan.lengths.flatMap((length) => [...values.subarray(length, length + plan.horizon)]);
  const size = judged.reduce((sum, value) => sum + Math.abs(value), 0) / judged.length;
  const error = meanAbsolute(errors);
  const perStep = Float64Array.from({ length: plan.horizon }, (_, h) =>
    meanAbsolute(errors.map((row) => row.subarray(h, h + 1))),
  );
  return {
    path,
    reach: conformalReach(errors, path.sd, independentPaths(plan)),
    models: members.map(({ model, forecaster, weight, error: own }) => ({
      name: model.name,
      description: forecaster.description,
      weight,
      meanAbsoluteError: own,
    })),
    backtest: {
      origins: plan.lengths.length,
      meanAbsoluteError: error,
      weightedPercentageError: size > 0 ? error / size : Number.NaN,
      perStep,
      errors,
      independentPaths: independentPaths(plan),
    },
    notes: [],
  };
}

/** Too short to judge models by: half the last value, half the mean, and what the normal distribution makes of it. */
function untested({ values }: Prepared, steps: number): Found {
  const paths = [naive, meanModel].flatMap((model) => model.fit(values)?.forecast(values, steps) ?? []);
  const average = (of: (path: Path) => Float64Array): Float64Array =>
    Float64Array.from(
      { length: steps },
      (_, h) => paths.reduce((sum, path) => sum + (of(path)[h] ?? 0), 0) / paths.length,
    );
  const report = ({ name }: { name: string }): MemberReport => ({
    name,
    description: name,
    weight: 0.5,
    meanAbsoluteError: Number.NaN,
  });
  return {
    path: { mean: average(({ mean }) => mean), sd: average(({ sd }) => sd) },
    reach: normalReach(values.length),
    models: [naive, meanModel].map(report),
    backtest: undefined,
    notes: [{ kind: 'no-backtest', text: `${values.length} values are too few to judge models by` }],
  };
}

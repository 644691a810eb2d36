/** Which models compete for a series. */
import { autoArima } from './arima/arima.ts';
import { autoEts, ets } from './ets/ets.ts';
import { autoregression } from './models/autoregression.ts';
import { drift, meanModel, naive, seasonalNaive } from './models/baselines.ts';
import { decomposed } from './models/decomposed.ts';
import { logged } from './models/logged.ts';
import { theta } from './models/theta.ts';
import { type Model } from './model.ts';

/**
 * How much work a forecast may cost: `quick` two autoregressions and the baselines, `standard` the whole family of
 * autoregressions (and smoothing, theta and ARIMA without seasons where the series is short), `thorough` everything,
 * which takes seconds to minutes.
 */
export type Effort = 'quick' | 'standard' | 'thorough';

/** Up to this many values, the models with a search for parameters cost next to nothing. */
const SHORT = 200;

/** The models to try on `length` values with these season lengths (ascending, all at most half of the length). */
export function candidates(length: number, seasons: readonly number[], effort: Effort): Model[] {
  const family = [...baselines(length, seasons), ...autoregressions(seasons)];
  if (effort === 'quick') return family;
  const short = length <= SHORT ? [autoEts(), theta, autoArima()] : [];
  const standard = [...family, ...moreAutoregressions(seasons), ...short];
  if (effort === 'standard') return standard;
  return [...standard, ...searched(length, seasons), ...decompositions(seasons)];
}

function baselines(length: number, seasons: readonly number[]): Model[] {
  return [
    naive,
    ...(length <= SHORT ? [meanModel, drift] : []),
    ...seasons.slice(0, 1).map((m) => seasonalNaive(m)),
  ];
}

function autoregressions(seasons: readonly number[]): Model[] {
  return [autoregression({ recent: 12, seasons }), autoregression({ recent: 24, seasons, difference: 1 })];
}

function moreAutoregressions(seasons: readonly number[]): Model[] {
  const differenced = seasons.map((m) =>
    autoregression({ recent: 24, seasons: seasons.filter((other) => other !== m), difference: m }),
  );
  return [
    ...(seasons.length > 0 ? [autoregression({ recent: 24 })] : []),
    logged(autoregression({ recent: 12, seasons })),
    logged(autoregression({ recent: 24, seasons, difference: 1 })),
    ...differenced,
  ];
}

/** Seasons longer than this have too many states for smoothing and ARIMA. */
const LONGEST_STATE = 60;

function searched(length: number, seasons: readonly number[]): Model[] {
  const season = seasons.find((m) => m <= LONGEST_STATE) ?? 1;
  if (season === 1) return length <= SHORT ? [] : [autoEts(), theta, autoArima()];
  return [autoEts(season), autoArima({ season }), ...(length <= SHORT ? [] : [theta])];
}

function decompositions(seasons: readonly number[]): Model[] {
  if (seasons.length === 0) return [];
  const damped = ets({ error: 'A', trend: 'Ad', season: 'N', m: 1 });
  return [autoregression({ recent: 24 }), damped, autoArima()].map((inner) => decomposed(seasons, inner));
}

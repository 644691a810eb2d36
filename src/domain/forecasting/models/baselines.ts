/** What every model must beat: the last value, the last season, the drift and the mean (Hyndman & Athanasopoulos, FPP3 §5.2 and §5.5). */
import { type Model } from '../model.ts';

/** Repeats the last value. */
export const naive: Model = {
  name: 'naive',
  fit: (values) => {
    if (values.length < 2) return undefined;
    const sigma = rootMeanSquare(values, { lag: 1, drift: 0 });
    return {
      description: 'naive',
      forecast: (history, horizon) => ({
        mean: new Float64Array(horizon).fill(history.at(-1) ?? 0),
        sd: Float64Array.from({ length: horizon }, (_, h) => sigma * Math.sqrt(h + 1)),
      }),
    };
  },
};

/** Repeats the last `season` values. */
export function seasonalNaive(season: number): Model {
  return {
    name: `seasonal-naive-${season}`,
    fit: (values) => {
      if (values.length < season + 1) return undefined;
      const sigma = rootMeanSquare(values, { lag: season, drift: 0 });
      return {
        description: `seasonal naive [${season}]`,
        forecast: (history, horizon) => ({
          mean: Float64Array.from(
            { length: horizon },
            (_, h) => history[history.length - season + (h % season)] ?? 0,
          ),
          sd: Float64Array.from({ length: horizon }, (_, h) => sigma * Math.sqrt(Math.floor(h / season) + 1)),
        }),
      };
    },
  };
}

/** The line through the first and the last value. */
export const drift: Model = {
  name: 'drift',
  fit: (values) => {
    if (values.length < 3) return undefined;
    const slope = ((values.at(-1) ?? 0) - (values[0] ?? 0)) / (values.length - 1);
    const sigma = rootMeanSquare(values, { lag: 1, drift: slope });
    const steps = values.length - 1;
    return {
      description: 'drift',
      forecast: (history, horizon) => ({
        mean: Float64Array.from({ length: horizon }, (_, h) => (history.at(-1) ?? 0) + slope * (h + 1)),
        sd: Float64Array.from(
          { length: horizon },
          (_, h) => sigma * Math.sqrt((h + 1) * (1 + (h + 1) / steps)),
        ),
      }),
    };
  },
};

/** The mean of all values. */
export const meanModel: Model = {
  name: 'mean',
  fit: (values) => {
    if (values.length < 2) return undefined;
    const level = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - level) ** 2, 0);
    const sd = Math.sqrt((squares / (values.length - 1)) * (1 + 1 / values.length));
    return {
      description: 'mean',
      forecast: (_, horizon) => ({
        mean: new Float64Array(horizon).fill(level),
        sd: new Float64Array(horizon).fill(sd),
      }),
    };
  },
};

/** The root of the mean squared residual of `y[t] − y[t−lag] − drift`, on as many degrees of freedom as there are. */
function rootMeanSquare(values: Float64Array, { lag, drift: slope }: { lag: number; drift: number }): number {
  let sum = 0;
  for (let t = lag; t < values.length; t++) sum += ((values[t] ?? 0) - (values[t - lag] ?? 0) - slope) ** 2;
  return Math.sqrt(sum / Math.max(values.length - lag - (slope === 0 ? 0 : 1), 1));
}

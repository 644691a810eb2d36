/** A model of the seasonally adjusted series, with the last cycle of each season put back on its forecasts. */
import { type Forecaster, type Model, type Path } from '../model.ts';
import { mstl, type MultiSeasonal } from '../seasonal/mstl.ts';

/** `inner` on what remains of the series after its seasons (those that fit twice) are taken out. */
export function decomposed(seasons: readonly number[], inner: Model): Model {
  return {
    name: `mstl-${inner.name}`,
    fit: (values) => {
      const parts = mstl(values, { seasons });
      if (parts.seasonals.length === 0) return undefined;
      const fitted = inner.fit(adjusted(parts));
      return fitted === undefined ? undefined : reseasoned(fitted, parts);
    },
  };
}

function adjusted({ trend, remainder }: MultiSeasonal): Float64Array {
  return trend.map((value, t) => value + (remainder[t] ?? 0));
}

function reseasoned(inner: Forecaster, fitted: MultiSeasonal): Forecaster {
  const seasons = fitted.seasonals.map(({ season }) => season);
  return {
    description: `MSTL[${seasons.join(',')}] + ${inner.description}`,
    forecast: (history, horizon) => {
      const parts = history.length === fitted.trend.length ? fitted : mstl(history, { seasons });
      const path = inner.forecast(adjusted(parts), horizon);
      return withSeasons(path, parts);
    },
  };
}

function withSeasons(path: Path, { seasonals }: MultiSeasonal): Path {
  const mean = path.mean.map((value, h) =>
    seasonals.reduce(
      (sum, { season, values }) => sum + (values[values.length - season + (h % season)] ?? 0),
      value,
    ),
  );
  return { mean, sd: path.sd };
}

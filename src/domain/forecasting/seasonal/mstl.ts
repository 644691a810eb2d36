/** Decomposition with several seasons, each by STL on what the others leave (Bandara, Hyndman & Bergmeir 2021). */
import { stl } from './stl.ts';

export interface MultiSeasonal {
  /** One seasonal part per season length that fits at least twice into the series, shortest first. */
  readonly seasonals: readonly { readonly season: number; readonly values: Float64Array }[];
  readonly trend: Float64Array;
  readonly remainder: Float64Array;
}

export interface MstlOptions {
  readonly seasons: readonly number[];
  /** Neighbouring cycles per season, shortest first; default 11, 15, 19, … as the authors. */
  readonly seasonalWindows?: readonly number[];
  readonly robustPasses?: number;
}

interface Part {
  readonly season: number;
  values: Float64Array;
}

/** Decomposes finite values; seasons that do not fit twice are left out. */
export function mstl(
  values: Float64Array,
  { seasons, seasonalWindows, robustPasses = 0 }: MstlOptions,
): MultiSeasonal {
  const usable = [...new Set(seasons)].filter((m) => m >= 2 && values.length >= 2 * m).sort((a, b) => a - b);
  const parts = usable.map((season): Part => ({ season, values: new Float64Array(values.length) }));
  let rest: Float64Array = values.slice();
  let trend: Float64Array = new Float64Array(values.length);
  for (let pass = 0; pass < (usable.length > 1 ? 2 : 1); pass++) {
    parts.forEach((part, index) => {
      const without = rest.map((value, t) => value + (part.values[t] ?? 0));
      const seasonalWindow = seasonalWindows?.[index] ?? 11 + 4 * index;
      const found = stl(without, { season: part.season, seasonalWindow, robustPasses });
      part.values = found.seasonal;
      trend = found.trend;
      rest = without.map((value, t) => value - (found.seasonal[t] ?? 0));
    });
  }
  if (usable.length === 0)
    trend = new Float64Array(values.length).fill(values.reduce((a, b) => a + b, 0) / values.length);
  return { seasonals: parts, trend, remainder: rest.map((value, t) => value - (trend[t] ?? 0)) };
}

/** How much of what is left beside the trend a season explains: 1 − Var(remainder)/Var(season + remainder), 0 to 1 (FPP3 §4.3). */
export function seasonalStrength(seasonal: Float64Array, remainder: Float64Array): number {
  const both = variance(seasonal.map((value, t) => value + (remainder[t] ?? 0)));
  return both > 0 ? Math.min(Math.max(1 - variance(remainder) / both, 0), 1) : 0;
}

function variance(values: Float64Array): number {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}

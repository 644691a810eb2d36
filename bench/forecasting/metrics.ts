/** The accuracy measures of the M4 competition (Makridakis, Spiliotis & Assimakopoulos 2020). */

/** Mean absolute error over the mean absolute step of the seasonal naive method within the training data. */
export function mase(actual: Float64Array, forecast: Float64Array, scale: number): number {
  return meanOf(actual, (value, h) => Math.abs(value - (forecast[h] ?? Number.NaN))) / scale;
}

export function seasonalScale(train: Float64Array, season: number): number {
  let sum = 0;
  for (let t = season; t < train.length; t++) sum += Math.abs((train[t] ?? 0) - (train[t - season] ?? 0));
  return sum / (train.length - season);
}

/** Symmetric mean absolute percentage error, in percent (0–200). */
export function smape(actual: Float64Array, forecast: Float64Array): number {
  return meanOf(actual, (value, h) => {
    const guess = forecast[h] ?? Number.NaN;
    return (200 * Math.abs(value - guess)) / (Math.abs(value) + Math.abs(guess) || 1);
  });
}

export interface Band {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Mean scaled interval score at 1 − `alpha`. */
export function msis(actual: Float64Array, band: Band, at: { scale: number; alpha: number }): number {
  const score = meanOf(actual, (value, h) => {
    const low = band.lower[h] ?? Number.NaN;
    const high = band.upper[h] ?? Number.NaN;
    return high - low + (2 / at.alpha) * (Math.max(low - value, 0) + Math.max(value - high, 0));
  });
  return score / at.scale;
}

/** The share of the values within the band. */
export function coverage(actual: Float64Array, band: Band): number {
  return meanOf(actual, (value, h) =>
    value >= (band.lower[h] ?? Number.NaN) && value <= (band.upper[h] ?? Number.NaN) ? 1 : 0,
  );
}

function meanOf(values: Float64Array, of: (value: number, index: number) => number): number {
  return values.reduce((sum, value, index) => sum + of(value, index), 0) / values.length;
}

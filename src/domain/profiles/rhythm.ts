/** How a series resembles its own past. NaN is what is not known. */

interface Centred {
  readonly deviations: Float64Array;
  readonly variance: number;
}

/** Undefined where nothing varies. */
function centred(values: Float64Array): Centred | undefined {
  let [sum, squares, count] = [0, 0, 0];
  for (const value of values) if (!Number.isNaN(value)) [sum, count] = [sum + value, count + 1];
  const centre = sum / count;
  const deviations = values.map((value) => value - centre);
  for (const deviation of deviations) if (!Number.isNaN(deviation)) squares += deviation ** 2;
  const variance = squares / count;
  return variance > 1e-12 ? { deviations, variance } : undefined;
}

/** Over the pairs of which both are known. */
function autocorrelation({ deviations, variance }: Centred, lag: number): number {
  let [sum, count] = [0, 0];
  for (let index = lag; index < deviations.length; index++) {
    const product = (deviations[index] ?? 0) * (deviations[index - lag] ?? 0);
    if (!Number.isNaN(product)) {
      sum += product;
      count++;
    }
  }
  return count > 0 ? sum / count / variance : 0;
}

/** Autocorrelation at a day less that at half a day, halved; undefined below two days or where nothing varies. */
export function dailyRhythmOf(values: Float64Array, dayLag: number): number | undefined {
  if (dayLag < 2 || values.length < 2 * dayLag) return undefined;
  const series = centred(values);
  if (series === undefined) return undefined;
  return (autocorrelation(series, dayLag) - autocorrelation(series, Math.round(dayLag / 2))) / 2;
}

/** Lags looked at: enough to find a rhythm, few enough to be cheap. */
const LAGS = 60;

/** The best autocorrelation at lags of up to a third of the series, past the first at which it falls below 0. */
export function periodicityOf(working: Float64Array): number | undefined {
  const longest = Math.floor(working.length / 3);
  const series = longest < 6 ? undefined : centred(working);
  if (series === undefined) return undefined;
  const found = Array.from({ length: LAGS }, (_, k) =>
    autocorrelation(series, Math.max(k + 1, Math.round(((k + 1) * longest) / LAGS))),
  );
  const fell = found.findIndex((each) => each < 0);
  return fell < 0 ? undefined : Math.max(...found.slice(fell));
}

/** Means over `width` steps on either side, of what is known. */
export function smoothedBy(values: Float64Array, width: number): Float64Array {
  if (width < 1) return values;
  const sums = new Float64Array(values.length + 1);
  const counts = new Float64Array(values.length + 1);
  values.forEach((value, index) => {
    const known = Number.isFinite(value);
    sums[index + 1] = (sums[index] ?? 0) + (known ? value : 0);
    counts[index + 1] = (counts[index] ?? 0) + (known ? 1 : 0);
  });
  return values.map((_, index) => {
    const [from, to] = [Math.max(0, index - width), Math.min(values.length, index + width + 1)];
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / ((counts[to] ?? 0) - (counts[from] ?? 0));
  });
}

/** Seasonal-trend decomposition by loess (Cleveland, Cleveland, McRae & Terpenning 1990), with robustness weights on request. */
import { median } from '#domain/statistics/order.ts';
import { loess } from './loess.ts';

export interface Decomposition {
  readonly seasonal: Float64Array;
  readonly trend: Float64Array;
}

export interface StlOptions {
  /** The season's length in steps, at least 2. */
  readonly season: number;
  /** Neighbouring cycles of which a seasonal value is smoothed (odd; Infinity: one shape for all cycles). */
  readonly seasonalWindow: number;
  /** Passes that lower the weight of outlying points (0 for none). */
  readonly robustPasses?: number;
}

/** Decomposes at least two seasons of finite values. */
export function stl(values: Float64Array, options: StlOptions): Decomposition {
  let weights: Float64Array | undefined;
  let parts: Decomposition = {
    seasonal: new Float64Array(values.length),
    trend: new Float64Array(values.length),
  };
  for (let pass = 0; pass <= (options.robustPasses ?? 0); pass++) {
    for (let inner = 0; inner < 2; inner++) parts = refine(values, parts.trend, { ...options, weights });
    weights = bisquare(values, parts);
  }
  return parts;
}

type Pass = StlOptions & { readonly weights: Float64Array | undefined };

function refine(values: Float64Array, trend: Float64Array, pass: Pass): Decomposition {
  const { season, weights } = pass;
  const cycles = smoothCycles(
    values.map((value, t) => value - (trend[t] ?? 0)),
    pass,
  );
  const passed = movingMean(movingMean(movingMean(cycles, season), season), 3);
  const low = loess(passed, { window: odd(season), degree: 1, jump: Math.ceil(season / 10) });
  const seasonal = Float64Array.from(
    { length: values.length },
    (_, t) => (cycles[t + season] ?? 0) - (low[t] ?? 0),
  );
  const adjusted = values.map((value, t) => value - (seasonal[t] ?? 0));
  const shape = Number.isFinite(pass.seasonalWindow) ? 1 - 1.5 / pass.seasonalWindow : 1;
  const window = odd(Math.ceil((1.5 * season) / shape));
  return { seasonal, trend: loess(adjusted, { window, degree: 1, jump: Math.ceil(window / 10), weights }) };
}

function odd(window: number): number {
  return window % 2 === 0 ? window + 1 : window;
}

/** Each place of the season smoothed over the cycles, one cycle beyond both ends. */
function smoothCycles(values: Float64Array, { season, seasonalWindow, weights }: Pass): Float64Array {
  const smooth = new Float64Array(values.length + 2 * season);
  for (let place = 0; place < season; place++) {
    const cycle = every(values, place, season);
    const own = weights === undefined ? undefined : every(weights, place, season);
    const fitted = Number.isFinite(seasonalWindow)
      ? loess(cycle, { window: seasonalWindow, degree: 0, weights: own }, 1)
      : new Float64Array(cycle.length + 2).fill(weightedMean(cycle, own));
    fitted.forEach((value, index) => (smooth[place + index * season] = value));
  }
  return smooth;
}

function every(values: Float64Array, place: number, step: number): Float64Array {
  return Float64Array.from(
    { length: Math.ceil((values.length - place) / step) },
    (_, k) => values[place + k * step] ?? 0,
  );
}

function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  values.forEach((value, index) => {
    const weight = weights?.[index] ?? 1;
    sum += weight * value;
    total += weight;
  });
  return total > 0 ? sum / total : values.reduce((all, value) => all + value, 0) / values.length;
}

/** The mean of `window` neighbours, for each place that has them all. */
export function movingMean(values: Float64Array, window: number): Float64Array {
  const means = new Float64Array(Math.max(values.length - window + 1, 0));
  let sum = 0;
  values.forEach((value, t) => {
    sum += value - (t >= window ? (values[t - window] ?? 0) : 0);
    if (t >= window - 1) means[t - window + 1] = sum / window;
  });
  return means;
}

/** Tukey's bisquare of the remainder over six times its median size. */
function bisquare(values: Float64Array, { seasonal, trend }: Decomposition): Float64Array {
  const sizes = values.map((value, t) => Math.abs(value - (seasonal[t] ?? 0) - (trend[t] ?? 0)));
  const limit = 6 * median(sizes);
  return sizes.map((size) => (limit > 0 ? Math.max(1 - (size / limit) ** 2, 0) ** 2 : size === 0 ? 1 : 0));
}

/**
 * The theta method (Assimakopoulos & Nikolopoulos 2000) and its dynamic optimised form (Fiorucci, Pellegrini, Louzada,
 * Petropoulos & Koehler 2016): simple exponential smoothing drawn towards the line through what was seen so far.
 */
import { bfgs } from '../algebra/minimize.ts';
import { type Forecaster, type Model, type Path } from '../model.ts';

export interface ThetaParameters {
  /** Smoothing of the level, 0–1. */
  readonly alpha: number;
  /** How curved the smoothed line is, at least 1; 2 is the classical method. */
  readonly theta: number;
  /** The level before the first value. */
  readonly level: number;
}

/** The dynamic optimised theta model: α, θ and the first level by least squared one-step errors. */
export const theta: Model = {
  name: 'theta',
  fit: (values) => {
    if (values.length < 6) return undefined;
    const spread = Math.max(...values) - Math.min(...values);
    const at = (free: Float64Array): ThetaParameters => ({
      alpha: 0.01 + 0.98 / (1 + Math.exp(-(free[0] ?? 0))),
      theta: 1 + Math.exp(Math.min(free[1] ?? 0, 10)),
      level: (values[0] ?? 0) / 2 + (free[2] ?? 0) * spread,
    });
    const { at: free } = bfgs(
      (point) => Math.log(run(values, at(point)).variance + 1e-300),
      new Float64Array(3),
      { maxSteps: 40 },
    );
    return thetaForecaster(at(free), run(values, at(free)).variance);
  },
};

/** The model with given parameters. */
export function thetaForecaster(parameters: ThetaParameters, variance: number): Forecaster {
  return {
    description: `theta(${parameters.theta.toFixed(2)})`,
    forecast: (history, horizon) => ahead(run(history, parameters).state, parameters, { horizon, variance }),
  };
}

interface State {
  readonly t: number;
  readonly level: number;
  readonly mean: number;
  readonly slope: number;
}

function expected({ t, level, mean, slope }: State, { alpha, theta: curve }: ThetaParameters): number {
  const kept = (1 - alpha) ** t;
  const origin = mean - (slope * (t + 1)) / 2;
  return level + (1 - 1 / curve) * (kept * origin + ((1 - kept * (1 - alpha)) / alpha) * slope);
}

/** The line through all values up to now is updated with the value of step t + 1. */
function next({ t, level, mean, slope }: State, value: number, alpha: number): State {
  const step = t + 1;
  return {
    t: step,
    level: alpha * value + (1 - alpha) * level,
    mean: (t * mean + value) / step,
    slope: step === 1 ? 0 : ((step - 2) * slope + (6 * (value - mean)) / step) / (step + 1),
  };
}

function run(values: Float64Array, parameters: ThetaParameters): { state: State; variance: number } {
  let state: State = { t: 0, level: parameters.level, mean: 0, slope: 0 };
  let sum = 0;
  for (const value of values) {
    if (state.t >= 3) sum += (value - expected(state, parameters)) ** 2;
    state = next(state, value, parameters.alpha);
  }
  return { state, variance: sum / Math.max(values.length - 3, 1) };
}

/** Later steps take the forecasts for values, as the authors do; errors add up as in smoothing with weight α. */
function ahead(
  state: State,
  parameters: ThetaParameters,
  { horizon, variance }: { horizon: number; variance: number },
): Path {
  const mean = new Float64Array(horizon);
  let current = state;
  for (let h = 0; h < horizon; h++) {
    mean[h] = expected(current, parameters);
    current = next(current, mean[h] ?? 0, parameters.alpha);
  }
  return { mean, sd: mean.map((_, h) => Math.sqrt(variance * (1 + h * parameters.alpha ** 2))) };
}

/** Exponential smoothing as forecasting models. */
import { type Forecaster, type Model, type Path } from '../model.ts';
import { type EtsForm, type EtsState, formText, smooth } from './components.ts';
import { type EtsFit, fitEts } from './fit.ts';

/** Exponential smoothing of one form. */
export function ets(form: EtsForm): Model {
  return { name: formText(form), fit: (values) => forecasterOf(fitEts(values, form)) };
}

/** The form with the least corrected Akaike criterion among those that apply; `season` 1 for none. */
export function autoEts(season = 1): Model {
  return {
    name: season > 1 ? `ets-${season}` : 'ets',
    fit: (values) => {
      const fits = forms(season).flatMap((form) => fitEts(values, form) ?? []);
      return forecasterOf(fits.sort((a, b) => a.aicc - b.aicc)[0]);
    },
  };
}

/** Multiplicative seasons come with multiplicative errors only: with additive ones they are unstable (FPP3 §8.5). */
function forms(m: number): EtsForm[] {
  const trends = ['N', 'A', 'Ad'] as const;
  const seasons = m > 1 ? (['A', 'M'] as const) : (['N'] as const);
  return seasons.flatMap((season) =>
    trends.flatMap((trend) =>
      (season === 'M' ? (['M'] as const) : (['A', 'M'] as const)).map((error) => ({
        error,
        trend,
        season,
        m,
      })),
    ),
  );
}

function forecasterOf(fit: EtsFit | undefined): Forecaster | undefined {
  if (fit === undefined) return undefined;
  const { form, smoothing, start, result } = fit;
  return {
    description: formText(form),
    forecast: (history, horizon) =>
      pathAhead(smooth(history, form, { smoothing, start }).end, fit, { horizon, variance: result.variance }),
  };
}

/**
 * The path without further errors, and its deviations: an error of one deviation at step j moves the later path by what
 * stepping the model shows; squares add up. Exact where the model is linear, to first order where it is not.
 */
export function pathAhead(
  end: EtsState,
  fit: Pick<EtsFit, 'form' | 'smoothing'>,
  { horizon, variance }: { horizon: number; variance: number },
): Path {
  const mean = stepped(end.copy(), fit, horizon);
  const squares = new Float64Array(horizon);
  const linear = fit.form.season !== 'M' && fit.form.error === 'A';
  const state = end.copy();
  const relative = (j: number): number => (fit.form.error === 'M' ? Math.abs(mean[j] ?? 0) : 1);
  for (let j = 0; j < (linear ? 1 : horizon); j++) {
    const shock = Math.sqrt(variance) * relative(j);
    const moved = state.copy();
    moved.advance(shock, fit.form, fit.smoothing);
    state.advance(0, fit.form, fit.smoothing);
    squares[j] = (squares[j] ?? 0) + shock * shock;
    stepped(moved, fit, horizon - j - 1).forEach((value, k) => {
      squares[j + 1 + k] = (squares[j + 1 + k] ?? 0) + (value - (mean[j + 1 + k] ?? 0)) ** 2;
    });
  }
  let sum = 0;
  return { mean, sd: squares.map((square) => Math.sqrt(linear ? (sum += square) : square)) };
}

function stepped(
  state: EtsState,
  { form, smoothing }: Pick<EtsFit, 'form' | 'smoothing'>,
  steps: number,
): Float64Array {
  const path = new Float64Array(steps);
  for (let h = 0; h < steps; h++) {
    path[h] = state.expected(form, smoothing.phi);
    state.advance(0, form, smoothing);
  }
  return path;
}

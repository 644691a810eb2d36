/** The mathematics against statsmodels, scipy and statsforecast: see hack/golden/forecasting.py. */
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '#domain/statistics/normal.ts';
import { forecastArima } from '../arima/arima.ts';
import { difference } from '../arima/differences.ts';
import { filter } from '../arima/filter.ts';
import { fitArima } from '../arima/fit.ts';
import { type ArimaOrder, product } from '../arima/polynomial.ts';
import { kpss } from '../arima/unit-roots.ts';
import { type EtsForm, EtsState, smooth, type Smoothing } from '../ets/components.ts';
import { pathAhead } from '../ets/ets.ts';
import { theta } from '../models/theta.ts';
import { stl } from '../seasonal/stl.ts';
import golden from './golden.json' with { type: 'json' };

function series(values: readonly (number | null)[]): Float64Array {
  return Float64Array.from(values, (value) => value ?? Number.NaN);
}

function expectClose(
  actual: ArrayLike<number>,
  expected: readonly (number | null)[],
  tolerance: number,
): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs((actual[index] ?? Number.NaN) - (value ?? Number.NaN))).toBeLessThan(tolerance);
  });
}

function orderOf({ order, seasonal }: { order: number[]; seasonal: number[] }): ArimaOrder {
  const [p = 0, d = 0, q = 0] = order;
  const [P = 0, D = 0, Q = 0, m = 0] = seasonal;
  return { p, d, q, P, D, Q, m: Math.max(m, 1) };
}

describe('the likelihood of ARIMA', () => {
  it.each(golden.likelihoods)('of $name is that of statsmodels', (found) => {
    const order = orderOf(found);
    const part = (from: number, count: number) => Float64Array.from(found.params.slice(from, from + count));
    const { p, q, P, Q, m } = order;
    const ar = product(part(0, p), part(p + q, P), { season: m, sign: -1 });
    const ma = product(part(p, q), part(p + q + P, Q), { season: m, sign: 1 });
    const variance = found.params.at(-1) ?? 1;
    const innovations = filter({ ar, ma }, [difference(series(found.values), order)]);
    let sum = 0;
    innovations?.variances.forEach((relative, t) => {
      const error = innovations.errors[0]?.[t] ?? Number.NaN;
      if (Number.isNaN(error)) return;
      sum -= 0.5 * (Math.log(2 * Math.PI * variance * relative) + error ** 2 / (variance * relative));
    });
    expect(Math.abs(sum - found.logLikelihood)).toBeLessThan(1e-7);
  });
});

describe('a fit of ARIMA', () => {
  it.each(golden.fits)('$name is as likely, and forecasts the same, as that of statsmodels', (found) => {
    const values = series(found.values);
    const fit = fitArima(values, { order: orderOf(found), constant: found.constant });
    expect(fit?.logLikelihood).toBeGreaterThan(found.logLikelihood - 1e-3);
    if (fit === undefined) return;
    const { mean, sd } = forecastArima(fit, values, found.forecast.length);
    expectClose(mean, found.forecast, 0.05);
    if (found.differences === 0) expectClose(sd, found.changeSd, 0.01);
    expect(Math.abs((sd[0] ?? 0) - (found.changeSd[0] ?? 0))).toBeLessThan(0.01);
  });
});

interface EtsCase {
  readonly error: string;
  readonly trend: boolean;
  readonly damped: boolean;
  readonly seasonal: string | null;
}

function modelOf({ error, trend, damped, seasonal }: EtsCase): { form: EtsForm; smoothing: Smoothing } {
  const season = seasonal === null ? 'N' : seasonal === 'add' ? 'A' : 'M';
  const phi = damped ? 0.93 : Number(trend);
  return {
    form: {
      error: error === 'add' ? 'A' : 'M',
      trend: damped ? 'Ad' : trend ? 'A' : 'N',
      season,
      m: season === 'N' ? 1 : 6,
    },
    smoothing: { alpha: 0.35, beta: trend ? 0.08 : 0, gamma: season === 'N' ? 0 : 0.12, phi },
  };
}

describe('exponential smoothing', () => {
  it.each(golden.ets)(
    '$name has the likelihood, the forecasts and the deviations of statsmodels',
    (found) => {
      const { form, smoothing } = modelOf(found);
      const start = new EtsState(62, found.trend ? 0.1 : 0, Float64Array.from(found.start));
      const result = smooth(series(found.values), form, { smoothing, start });
      expect(Math.abs(result.logLikelihood - found.logLikelihood)).toBeLessThan(1e-6);
      const path = pathAhead(result.end, { form, smoothing }, { horizon: 9, variance: result.variance });
      expectClose(path.mean, found.forecast, 1e-6);
      if (found.sd !== null) expectClose(path.sd, found.sd, 1e-6);
    },
  );
});

describe('other mathematics', () => {
  it.each(golden.stl)('STL ($name) decomposes as statsmodels does', (found) => {
    const parts = stl(series(found.values), {
      season: 12,
      seasonalWindow: 11,
      robustPasses: found.robustPasses,
    });
    expectClose(parts.seasonal, found.seasonal, 1e-6);
    expectClose(parts.trend, found.trend, 1e-6);
  });

  it('KPSS statistics are those of statsmodels', () => {
    for (const { values, statistic } of golden.kpss) expect(kpss(series(values))).toBeCloseTo(statistic, 8);
  });

  it('the dynamic optimised theta method forecasts within 1 % of that of statsforecast, which bounds its parameters otherwise', () => {
    const values = series(golden.theta.values);
    const { mean } = theta.fit(values)?.forecast(values, 12) ?? { mean: [] };
    expectClose(mean, golden.theta.forecast, 0.75);
  });

  it('normal quantiles are those of scipy', () => {
    golden.normal.shares.forEach((share, index) => {
      const expected = golden.normal.quantiles[index] ?? Number.NaN;
      expect(Math.abs(normalQuantile(share) - expected)).toBeLessThan(1e-8);
    });
  });
});

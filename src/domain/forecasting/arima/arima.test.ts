import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jitter } from '../testdata.ts';
import { arima, autoArima } from './arima.ts';
import { difference, integrate } from './differences.ts';
import { exactLikelihood } from './likelihood.ts';
import { fromPartial, stepDown } from './polynomial.ts';

function noise(length: number, seed = 5): Float64Array {
  const random = jitter(seed);
  return Float64Array.from({ length }, () => random() + random() + random() + random() - 2);
}

function airline(length: number, season: number): Float64Array {
  const shocks = noise(length);
  const values = new Float64Array(length);
  const before = (t: number, lag: number) =>
    t >= lag ? (values[t - lag] ?? 0) : 10 * Math.sin((2 * Math.PI * t) / season);
  for (let t = 0; t < length; t++) values[t] = before(t, season) + 0.3 * (shocks[t] ?? 0);
  return values;
}

describe('differences', () => {
  it('are undone by integration from the levels before them', () => {
    const orders = fc.record({
      d: fc.integer({ min: 0, max: 2 }),
      D: fc.integer({ min: 0, max: 1 }),
      m: fc.integer({ min: 2, max: 7 }),
    });
    const levels = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(levels, orders, (values, order) => {
        const all = Float64Array.from(values);
        const known = all.subarray(0, 15);
        const changes = difference(all, order);
        const later = changes.subarray(changes.length - (all.length - 15));
        integrate(known, later, order).forEach((level, h) => {
          expect(level).toBeCloseTo(all[15 + h] ?? Number.NaN, 6);
        });
      }),
    );
  });
});

describe('partial autocorrelations', () => {
  it('give a stationary polynomial, from which they come back', () => {
    const partials = fc.array(fc.double({ min: -0.95, max: 0.95, noNaN: true }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(partials, (partial) => {
        const back = stepDown(fromPartial(Float64Array.from(partial)))?.map(
          (order) => order.at(-1) ?? Number.NaN,
        );
        partial.forEach((kappa, k) => {
          expect(back?.[k]).toBeCloseTo(kappa, 6);
        });
      }),
    );
  });
});

describe('ARIMA', () => {
  it('has the same likelihood when nothing is known after the end', () => {
    const arma = { ar: Float64Array.of(0.5, 0.2), ma: Float64Array.of(0.4) };
    const values = noise(60);
    const padded = Float64Array.from([...values, Number.NaN, Number.NaN]);
    const [plain, longer] = [values, padded].map((series) => exactLikelihood(arma, series, true));
    expect(longer?.logLikelihood).toBeCloseTo(plain?.logLikelihood ?? Number.NaN, 8);
    expect(longer?.mean).toBeCloseTo(plain?.mean ?? Number.NaN, 8);
  });

  it('refuses what is not stationary', () => {
    expect(
      exactLikelihood({ ar: Float64Array.of(1.1), ma: new Float64Array() }, noise(20), false),
    ).toBeUndefined();
  });

  it('forecasts over gaps within and at the end', () => {
    const values = airline(150, 12);
    const full = arima({ p: 0, d: 0, q: 1, P: 0, D: 1, Q: 1, m: 12 }).fit(values)?.forecast(values, 12).mean;
    const gappy = values.slice();
    gappy[60] = Number.NaN;
    gappy.fill(Number.NaN, 147);
    const found = arima({ p: 0, d: 0, q: 1, P: 0, D: 1, Q: 1, m: 12 }).fit(gappy)?.forecast(gappy, 12).mean;
    found?.forEach((value, h) => {
      expect(Math.abs(value - (full?.[h] ?? Number.NaN))).toBeLessThan(2);
    });
    expect(found).toHaveLength(12);
  });

  it('finds the order of a seasonal random walk', () => {
    const fitted = autoArima({ season: 12 }).fit(airline(240, 12));
    expect(fitted?.description).toMatch(/^ARIMA\(\d,0,\d\)\(\d,1,\d\)\[12\]/);
  });

  it('does not apply to a constant', () => {
    expect(autoArima().fit(new Float64Array(50).fill(3))).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import { DAY_MS } from '#domain/units/duration.ts';
import { openEstimatorDatabase } from './estimator-database.ts';
import { RateBook } from './rate-book.ts';

const T0 = Date.UTC(2026, 10, 21, 10);

describe('the book of rates', () => {
  it('knows what held when', () => {
    const book = new RateBook(openEstimatorDatabase(':memory:'));
    expect(book.at(T0)).toBeUndefined();
    book.note(SEED_ENERGY_RATES, T0);
    book.note(SEED_ENERGY_RATES, T0 + 1000);
    const dear = { ...SEED_ENERGY_RATES, electricityUsdPerKwh: 0.3 };
    book.note(dear, T0 + 2000);
    expect(book.at(T0 - 5000)).toEqual(SEED_ENERGY_RATES);
    expect(book.at(T0 + 1999)).toEqual(SEED_ENERGY_RATES);
    expect(book.at(T0 + 2000)).toEqual(dear);
    expect(book.at(T0 + DAY_MS)).toEqual(dear);
  });
});

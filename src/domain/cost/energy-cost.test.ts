import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carbonOf } from '../carbon/carbon-mass.ts';
import { type EnergyCost, energyCost } from './energy-cost.ts';
import { energyRatesFrom, SEED_ENERGY_RATES } from './energy-rates.ts';

/** [watts, hours, USD] of the seed's `calculate_power_cost`, run by CPython 3. */
const GOLDEN = [
  [1000, 1, 0.326],
  [126.34, 1, 0.04118684],
  [53.88, 24, 0.42155711999999995],
  [0.1, 0.3, 9.779999999999998e-6],
  [350.7, 730, 83.45958599999999],
  [0, 5, 0],
  [12345.678, 0.016666666666666666, 0.0670781838],
  [7, 0.3333333333333333, 0.0007606666666666667],
] as const;

const PUE = { ...SEED_ENERGY_RATES, coolingMode: 'pue', coolingFactor: 1.5 } as const;

describe('the cost of energy', () => {
  it.each(GOLDEN)('of %d W over %d h is the seed’s, to the last bit', (watts, hours, usd) => {
    expect(energyCost({ watts, hours }, SEED_ENERGY_RATES).totalUsd).toBe(usd);
  });

  it('names its parts, its units and its mode', () => {
    expect(energyCost({ watts: 1000, hours: 1 }, SEED_ENERGY_RATES)).toEqual({
      kwh: 1,
      electricityUsd: 0.12,
      coolingUsd: 0.156,
      carbonUsd: 0.05,
      carbonKg: 1,
      facilityCarbonKg: undefined,
      totalUsd: 0.326,
      mode: 'seed',
      unknown: [],
    });
  });

  it('in the mode pue is cooling of what the building draws beyond its machines', () => {
    const cost = energyCost({ watts: 1000, hours: 2, carbon: { kgPerKwh: 0.4 } }, PUE);
    expect(cost).toMatchObject({ mode: 'pue', electricityUsd: 0.24, coolingUsd: 0.12 });
    expect(cost.carbonKg).toBeCloseTo(0.8, 12);
    expect(cost.carbonUsd).toBeCloseTo(0.04, 12);
    expect(cost.facilityCarbonKg).toBeCloseTo(1.2, 12);
  });

  it('is unknown for power that is not known or cannot be true', () => {
    for (const watts of [undefined, Number.NaN, -1, Infinity]) {
      const cost = energyCost({ watts, hours: 1 }, SEED_ENERGY_RATES);
      expect(cost).toMatchObject({ kwh: undefined, totalUsd: undefined, carbonKg: undefined });
      expect(cost.unknown[0]).toMatch(/not known|cannot be true/);
    }
  });

  it('has its electricity even where the carbon of an hour is not known', () => {
    const table = { origin: 'table', name: 'grid.csv', stepMs: 3_600_000, rows: [] } as const;
    const carbon = carbonOf({ fromMs: 0, toMs: 3_600_000, watts: 1000 }, table);
    const cost = energyCost({ watts: 1000, hours: 1, carbon }, SEED_ENERGY_RATES);
    expect(cost).toMatchObject({
      electricityUsd: 0.12,
      carbonKg: undefined,
      carbonUsd: undefined,
      totalUsd: undefined,
    });
    expect(cost.unknown).toEqual([
      expect.stringMatching(/grid\.csv has no carbon intensity from 1970-01-01T00/),
    ]);
  });

  it('sums: its parts are its total, and time is additive', () => {
    const amount = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, (watts, first, second) => {
        const of = (hours: number) => known(energyCost({ watts, hours }, PUE));
        const { totalUsd, partsUsd } = of(first + second);
        const within = 1e-9 * Math.max(1, totalUsd);
        expect(Math.abs(partsUsd - totalUsd)).toBeLessThanOrEqual(within);
        expect(Math.abs(of(first).totalUsd + of(second).totalUsd - totalUsd)).toBeLessThanOrEqual(within);
      }),
    );
  });
});

function known({ totalUsd, electricityUsd, coolingUsd, carbonUsd }: EnergyCost) {
  const [total = Number.NaN, ...parts] = [totalUsd, electricityUsd, coolingUsd, carbonUsd];
  return { totalUsd: total, partsUsd: parts.reduce<number>((sum, part) => sum + (part ?? Number.NaN), 0) };
}

describe('the rates of energy', () => {
  it('are the seed’s where nothing is set', () => {
    expect(energyRatesFrom({})).toEqual(SEED_ENERGY_RATES);
    expect(energyRatesFrom({ ELECTRICITY_RATE: '', COOLING_FACTOR: ' ' })).toEqual(SEED_ENERGY_RATES);
  });

  it('come from the variables that the seed prints', () => {
    const env = { ELECTRICITY_RATE: '0.2', COOLING_FACTOR: '0.4', CARBON_RATE: '0.1' };
    expect(energyRatesFrom(env)).toEqual({
      electricityUsdPerKwh: 0.2,
      coolingMode: 'seed',
      coolingFactor: 0.4,
      carbonUsdPerKg: 0.1,
    });
  });

  it('take PUE, or the cooling factor, in the mode pue', () => {
    expect(energyRatesFrom({ COOLING_MODE: 'pue', PUE: '1.12' }).coolingFactor).toBe(1.12);
    expect(energyRatesFrom({ COOLING_MODE: 'pue' }).coolingFactor).toBe(1.3);
  });

  it.each([
    [{ COOLING_MODE: 'water' }, /COOLING_MODE.*neither seed nor pue/],
    [{ COOLING_MODE: 'pue', PUE: '0.9' }, /PUE.*at least 1/],
    [{ ELECTRICITY_RATE: 'cheap' }, /ELECTRICITY_RATE.*"cheap"/],
    [{ CARBON_RATE: '-1' }, /CARBON_RATE.*at least 0/],
  ])('refuse %j', (env, message) => {
    expect(() => energyRatesFrom(env)).toThrow(message);
  });
});

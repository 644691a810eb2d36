/** What energy costs: the rates of the seed, their modes, and where each is set. */
import { KcError } from '#errors/kc-error.ts';

/** `seed`: the printed formula, which adds the factor to the electricity. `pue`: what a data centre draws beyond its IT load. */
export const COOLING_MODES = ['seed', 'pue'] as const;
export type CoolingMode = (typeof COOLING_MODES)[number];

export interface EnergyRates {
  /** USD per kWh. */
  readonly electricityUsdPerKwh: number;
  readonly coolingMode: CoolingMode;
  /** `seed`: cooling in parts of the electricity's cost. `pue`: the power usage effectiveness, 1 or more. */
  readonly coolingFactor: number;
  /** USD per kg of CO2. */
  readonly carbonUsdPerKg: number;
}

/** As printed in the seed: ELECTRICITY_RATE, COOLING_FACTOR, CARBON_RATE. */
export const SEED_ENERGY_RATES: EnergyRates = {
  electricityUsdPerKwh: 0.12,
  coolingMode: 'seed',
  coolingFactor: 1.3,
  carbonUsdPerKg: 0.05,
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Rates from ELECTRICITY_RATE, COOLING_FACTOR, COOLING_MODE, PUE and CARBON_RATE. In the mode `pue` the factor is PUE,
 * or COOLING_FACTOR where that is absent. Throws KC_CONFIG_INVALID, naming the variable.
 */
export function energyRatesFrom(env: Environment): EnergyRates {
  const seed = SEED_ENERGY_RATES;
  const mode = env['COOLING_MODE'] ?? 'seed';
  if (mode !== 'seed' && mode !== 'pue') {
    throw invalid('COOLING_MODE', `"${mode}" is neither seed nor pue`);
  }
  const isPue = mode === 'pue';
  const factorName = isPue && (env['PUE'] ?? '') !== '' ? 'PUE' : 'COOLING_FACTOR';
  return {
    electricityUsdPerKwh: rate(env, { name: 'ELECTRICITY_RATE', fallback: seed.electricityUsdPerKwh }),
    coolingMode: mode,
    coolingFactor: rate(env, { name: factorName, fallback: seed.coolingFactor, min: isPue ? 1 : 0 }),
    carbonUsdPerKg: rate(env, { name: 'CARBON_RATE', fallback: seed.carbonUsdPerKg }),
  };
}

interface Setting {
  readonly name: string;
  readonly fallback: number;
  readonly min?: number;
}

function rate(env: Environment, { name, fallback, min = 0 }: Setting): number {
  const text = env[name]?.trim() ?? '';
  if (text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= min) return value;
  throw invalid(name, `"${text}" is not a number of at least ${String(min)}`);
}

function invalid(field: string, problem: string): KcError {
  return new KcError('KC_CONFIG_INVALID', { field, problem });
}

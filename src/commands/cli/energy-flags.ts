/** What energy costs: the variables of the seed, and the modes that correct it. */
import { carbonIntensityOf } from '#adapters/prices/carbon-file.ts';
import { CARBON_UNITS } from '#domain/carbon/carbon-table.ts';
import type { CarbonIntensity } from '#domain/carbon/carbon-intensity.ts';
import { type EnergyRates, energyRatesFrom, SEED_ENERGY_RATES } from '#domain/cost/energy-rates.ts';
import { defineFlags, type FlagValues } from './flags.ts';

const SEED = SEED_ENERGY_RATES;

export const energyFlags = defineFlags({
  'electricity-rate': { type: 'number', min: 0, env: ['ELECTRICITY_RATE'], describe: `USD per kWh (default ${SEED.electricityUsdPerKwh})` },
  'cooling-mode': { type: 'text', default: 'seed', choices: ['seed', 'pue'], env: ['COOLING_MODE'], describe: 'seed adds electricity × the cooling factor, pue electricity × (PUE − 1)' },
  'cooling-factor': { type: 'number', min: 0, env: ['COOLING_FACTOR'], describe: `cooling per electricity (default ${SEED.coolingFactor})` },
  pue: { type: 'number', min: 1, env: ['PUE'], describe: 'power usage effectiveness in the mode pue; the cooling factor where absent' },
  'carbon-rate': { type: 'number', min: 0, env: ['CARBON_RATE'], describe: `USD per kg of CO2 (default ${SEED.carbonUsdPerKg})` },
  'carbon-intensity': { type: 'text', env: ['CARBON_INTENSITY'], describe: 'kg of CO2 per kWh, or a CSV or JSON file with times and intensities; the seed’s 1 kg/kWh where absent' },
  'carbon-table': { type: 'text', env: ['CARBON_TABLE'], describe: 'the same file, under a name of its own' },
  'carbon-unit': { type: 'text', choices: CARBON_UNITS, env: ['CARBON_UNIT'], describe: 'unit of that file where it does not say' },
  'carbon-time-zone': { type: 'text', default: 'UTC', env: ['CARBON_TIME_ZONE'], describe: 'of its times without an offset, e.g. Asia/Seoul' },
}); // prettier-ignore

export interface EnergyTariff {
  readonly rates: EnergyRates;
  readonly intensity: CarbonIntensity;
}

/** Throws KC_CONFIG_INVALID or KC_CARBON_INVALID, naming what cannot be used. */
export function energyTariffOf(values: FlagValues<typeof energyFlags>): EnergyTariff {
  const text = (value: number | undefined): string | undefined => value?.toString();
  const rates = energyRatesFrom({
    ELECTRICITY_RATE: text(values['electricity-rate']),
    COOLING_MODE: values['cooling-mode'],
    COOLING_FACTOR: text(values['cooling-factor']),
    PUE: text(values.pue),
    CARBON_RATE: text(values['carbon-rate']),
  });
  const intensity = carbonIntensityOf({
    intensity: values['carbon-intensity'],
    table: values['carbon-table'],
    unit: values['carbon-unit'],
    timeZone: values['carbon-time-zone'],
  });
  return { rates, intensity };
}

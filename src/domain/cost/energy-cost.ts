/** What power costs over a time: electricity, cooling and carbon, by the seed's formula or its corrected modes. */
import type { CarbonMass } from '../carbon/carbon-mass.ts';
import type { CoolingMode, EnergyRates } from './energy-rates.ts';

/** Amounts are in USD, kWh and kg of CO2, as their names say. Undefined is unknown: `unknown` says why. */
export interface EnergyCost {
  readonly kwh: number | undefined;
  readonly electricityUsd: number | undefined;
  readonly coolingUsd: number | undefined;
  readonly carbonUsd: number | undefined;
  /** Of the energy itself, without cooling. */
  readonly carbonKg: number | undefined;
  /** With the cooling's energy; only in the mode `pue`, where cooling is energy and not just money. */
  readonly facilityCarbonKg: number | undefined;
  /** Electricity, cooling and carbon together. */
  readonly totalUsd: number | undefined;
  readonly mode: CoolingMode;
  readonly unknown: readonly string[];
}

export interface EnergyUse {
  /** Mean power, in watts. */
  readonly watts: number | undefined;
  readonly hours: number;
  /**
   * The carbon of this use where the intensity is known; kg per kWh where it is one number. Default: 1 kg/kWh, with
   * which the formula is the seed's own.
   */
  readonly carbon?: CarbonMass | { readonly kgPerKwh: number };
}

const SEED_INTENSITY = { kgPerKwh: 1 } as const;

/**
 * The seed's `calculate_power_cost(power_watts, duration_hours)`, operation by operation so that every bit agrees:
 *
 *   electricity = watts · (hours / 1000) · ELECTRICITY_RATE          $/kWh
 *   cooling     = electricity · COOLING_FACTOR                       mode `seed`
 *               = electricity · (PUE − 1)                            mode `pue`
 *   carbon      = (watts · hours / 1000) · CARBON_RATE · intensity   $/kg · kg/kWh
 */
export function energyCost(use: EnergyUse, rates: EnergyRates): EnergyCost {
  const { watts, hours, carbon = SEED_INTENSITY } = use;
  if (watts === undefined || !Number.isFinite(watts) || watts < 0) return unknownCost(watts, rates);
  const kwh = (watts * hours) / 1000;
  const electricityUsd = watts * (hours / 1000) * rates.electricityUsdPerKwh;
  const coolingUsd = electricityUsd * coolingPerElectricity(rates);
  const { carbonKg, carbonUsd } = carbonCost(kwh, carbon, rates);
  return {
    kwh,
    electricityUsd,
    coolingUsd,
    carbonUsd,
    carbonKg,
    facilityCarbonKg: facilityCarbon(carbonKg, rates),
    totalUsd: carbonUsd === undefined ? undefined : electricityUsd + coolingUsd + carbonUsd,
    mode: rates.coolingMode,
    unknown: 'reasons' in carbon ? carbon.reasons : [],
  };
}

function coolingPerElectricity({ coolingMode, coolingFactor }: EnergyRates): number {
  return coolingMode === 'pue' ? coolingFactor - 1 : coolingFactor;
}

function facilityCarbon(
  carbonKg: number | undefined,
  { coolingMode, coolingFactor }: EnergyRates,
): number | undefined {
  return coolingMode === 'pue' && carbonKg !== undefined ? carbonKg * coolingFactor : undefined;
}

type Carbon = NonNullable<EnergyUse['carbon']>;

function carbonCost(
  kwh: number,
  carbon: Carbon,
  rates: EnergyRates,
): Pick<EnergyCost, 'carbonKg' | 'carbonUsd'> {
  if ('reasons' in carbon) return { carbonKg: carbon.kg, carbonUsd: priced(carbon.kg, rates) };
  const { kgPerKwh } = carbon;
  return { carbonKg: kwh * kgPerKwh, carbonUsd: kwh * rates.carbonUsdPerKg * kgPerKwh };
}

function priced(kg: number | undefined, { carbonUsdPerKg }: EnergyRates): number | undefined {
  return kg === undefined ? undefined : kg * carbonUsdPerKg;
}

function unknownCost(watts: number | undefined, { coolingMode }: EnergyRates): EnergyCost {
  const why = watts === undefined ? 'the power is not known' : `${String(watts)} W cannot be true`;
  return {
    kwh: undefined,
    electricityUsd: undefined,
    coolingUsd: undefined,
    carbonUsd: undefined,
    carbonKg: undefined,
    facilityCarbonKg: undefined,
    totalUsd: undefined,
    mode: coolingMode,
    unknown: [why],
  };
}

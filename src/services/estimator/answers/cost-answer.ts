/** Costs as the cost endpoints answer. Amounts are not rounded: parts sum to their whole. */
import type { Amounts, Formula } from '#apis/estimator-api/cost.ts';
import { intensityAt } from '#domain/carbon/carbon-intensity.ts';
import type { CostSum } from '../amounts.ts';
import type { Tariff } from '../tariff.ts';

const FIELDS = {
  energy_kwh: 'kwh',
  electricity_usd: 'electricityUsd',
  cooling_usd: 'coolingUsd',
  carbon_usd: 'carbonUsd',
  total_usd: 'totalUsd',
  carbon_kg: 'carbonKg',
} as const;

export function amountsAnswer(watts: number | undefined, cost: CostSum): Amounts {
  const because = cost.unknown.join('; ') || 'the power is not known';
  const unknown: Record<string, string> = {};
  const known = (field: string, value: number | undefined): number | null => {
    if (value === undefined) unknown[field] = because;
    return value ?? null;
  };
  const amounts = Object.entries(FIELDS).map(([field, name]) => [field, known(field, cost[name])]);
  return {
    power_watts: known('power_watts', watts),
    ...(Object.fromEntries(amounts) as Record<keyof typeof FIELDS, number | null>),
    ...(Object.keys(unknown).length === 0 ? {} : { unknown }),
  };
}

export function formulaAnswer({ rates, intensity }: Tariff, nowMs: number): Formula {
  const now = intensityAt(intensity, nowMs);
  return {
    electricity_usd_per_kwh: rates.electricityUsdPerKwh,
    cooling_mode: rates.coolingMode,
    cooling_factor: rates.coolingFactor,
    carbon_usd_per_kg: rates.carbonUsdPerKg,
    carbon_kg_per_kwh: now?.kgPerKwh ?? null,
    carbon_intensity: intensity.origin === 'table' ? intensity.name : intensity.origin,
    ...(now?.kgPerKwh === undefined
      ? { unknown: { carbon_kg_per_kwh: now?.reason ?? 'it is not known now' } }
      : {}),
  };
}

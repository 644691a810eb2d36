/** Carbon intensity as it is configured: a number, or the file of a table. */
import { readFileSync } from 'node:fs';
import { type CarbonIntensity, SEED_INTENSITY } from '#domain/carbon/carbon-intensity.ts';
import { CARBON_UNITS, type CarbonUnit, parseCarbonTable } from '#domain/carbon/carbon-table.ts';
import { KcError } from '#errors/kc-error.ts';

export interface CarbonSettings {
  /** kg of CO2 per kWh, or the path of a CSV or JSON table. Absent: the seed's 1 kg/kWh, marked `default`. */
  readonly intensity?: string | undefined;
  /** The path of a table, in its place. */
  readonly table?: string | undefined;
  /** Where the table does not name its unit. */
  readonly unit?: string | undefined;
  /** Of timestamps without an offset. */
  readonly timeZone?: string | undefined;
}

/** Throws KC_CONFIG_INVALID or KC_CARBON_INVALID for what cannot be used. */
export function carbonIntensityOf({
  intensity = '',
  table = '',
  unit,
  timeZone,
}: CarbonSettings): CarbonIntensity {
  if (intensity !== '' && table !== '') {
    const problem = 'cannot be set together with CARBON_INTENSITY';
    throw new KcError('KC_CONFIG_INVALID', { field: 'CARBON_TABLE', problem });
  }
  const text = `${intensity}${table}`.trim();
  if (text === '') return SEED_INTENSITY;
  const kgPerKwh = Number(text);
  if (Number.isNaN(kgPerKwh)) return readTable(text, { unit: unitOf(unit), timeZone });
  if (Number.isFinite(kgPerKwh) && kgPerKwh >= 0) return { origin: 'constant', kgPerKwh };
  const problem = `"${text}" is no intensity of at least 0 kg of CO2 per kWh`;
  throw new KcError('KC_CONFIG_INVALID', { field: 'CARBON_INTENSITY', problem });
}

interface TableSettings {
  readonly unit: CarbonUnit | undefined;
  readonly timeZone: string | undefined;
}

function readTable(path: string, { unit, timeZone = 'UTC' }: TableSettings): CarbonIntensity {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const problem = `"${path}" is neither a number nor a file that can be read`;
    throw new KcError('KC_CONFIG_INVALID', { field: 'CARBON_INTENSITY', problem, cause });
  }
  return parseCarbonTable(text, { name: path, timeZone, unit });
}

function unitOf(text: string | undefined): CarbonUnit | undefined {
  if (text === undefined || text === '') return undefined;
  const unit = CARBON_UNITS.find((each) => each === text);
  if (unit !== undefined) return unit;
  const problem = `"${text}" is neither of ${CARBON_UNITS.join(', ')}`;
  throw new KcError('KC_CONFIG_INVALID', { field: 'CARBON_UNIT', problem });
}

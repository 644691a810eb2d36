/** Reads tables of carbon intensity: CSV as grid operators and data services give them, or JSON. */
import { KcError } from '#errors/kc-error.ts';
import { parseCsv } from '../cost/csv-rows.ts';
import { DAY_MS, MINUTE_MS } from '../units/duration.ts';
import type { CarbonIntensity, IntensityRow } from './carbon-intensity.ts';
import { TimestampReader } from './local-time.ts';

export const CARBON_UNITS = ['kgCO2/kWh', 'gCO2/kWh'] as const;
export type CarbonUnit = (typeof CARBON_UNITS)[number];

export interface CarbonTableOptions {
  /** Of the file, for messages. */
  readonly name: string;
  /** Of timestamps without an offset. Default: UTC. */
  readonly timeZone?: string;
  /** Where the column does not name its unit. */
  readonly unit?: CarbonUnit | undefined;
}

/** One entry of a file before it is understood. */
interface Entry {
  readonly where: string;
  readonly time: string;
  readonly value: unknown;
}

interface Entries {
  readonly entries: readonly Entry[];
  /** The column or property of the values, which may name their unit. */
  readonly valueName: string;
}

/**
 * A table of intensities by time. Each value holds for one step, the commonest distance between two times (an hour in
 * an hourly table): what lies beyond is a gap. An empty or impossible value is a gap too. Throws KC_CARBON_INVALID,
 * naming the line, for a file that is no such table.
 */
export function parseCarbonTable(text: string, options: CarbonTableOptions): CarbonIntensity {
  const { entries, valueName } = /^\s*[[{]/.test(text)
    ? jsonEntries(text, options)
    : csvEntries(text, options);
  const scale = scaleOf(valueName, options);
  const times = new TimestampReader(options.timeZone ?? 'UTC');
  const rows = entries.map(({ where, time, value }): IntensityRow => {
    const fromMs = times.read(time);
    if (fromMs === undefined)
      throw invalid(options, `${where}: "${time}" is not a time such as 2026-01-31T09:00:00Z`);
    return { fromMs, kgPerKwh: numberOf(value) * scale };
  });
  rows.sort((a, b) => a.fromMs - b.fromMs);
  const twice = rows.find(({ fromMs }, index) => fromMs === rows[index + 1]?.fromMs);
  if (twice !== undefined)
    throw invalid(options, `${new Date(twice.fromMs).toISOString()} stands in it twice`);
  return { origin: 'table', rows, stepMs: stepOf(rows, options), name: options.name };
}

function csvEntries(text: string, options: CarbonTableOptions): Entries {
  const { columns, rows } = parseCsv(text);
  const timeColumn = columns.find(isTime);
  const valueColumn = columns.find(isValue);
  if (timeColumn === undefined || valueColumn === undefined) {
    throw invalid(
      options,
      `its first line names no ${timeColumn === undefined ? 'time' : 'carbon intensity'} column`,
    );
  }
  const entries = rows.map(({ cells, line }) => ({
    where: `line ${String(line)}`,
    time: cells[timeColumn] ?? '',
    value: cells[valueColumn],
  }));
  return { entries, valueName: valueColumn };
}

function isTime(name: string): boolean {
  return /^(date|time|from|hour)/i.test(name);
}

function isValue(name: string): boolean {
  return /co.?2|carbon.?intensity|^intensity$|^value$/i.test(name);
}

/** A list of objects, bare or under `data`, `history` or `carbonIntensity` as services answer. */
function jsonEntries(text: string, options: CarbonTableOptions): Entries {
  const parsed = parseJson(text, options);
  const list = Array.isArray(parsed) ? (parsed as unknown[]) : listIn(parsed);
  const [first] = list ?? [];
  const names = isObject(first) ? Object.keys(first) : [];
  const [timeName, valueName] = [names.find(isTime), names.find(isValue)];
  if (list === undefined || timeName === undefined || valueName === undefined) {
    throw invalid(options, 'it is no list of objects with a time and a carbon intensity');
  }
  const entries = list.map((item, index) => ({
    where: `entry ${String(index + 1)}`,
    time: isObject(item) ? String(item[timeName]) : '',
    value: isObject(item) ? item[valueName] : undefined,
  }));
  return { entries, valueName };
}

function parseJson(text: string, options: CarbonTableOptions): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalid(options, 'it is no JSON', { cause: error });
  }
}

function listIn(value: unknown): unknown[] | undefined {
  if (!isObject(value)) return undefined;
  return ['data', 'history', 'carbonIntensity']
    .map((name) => value[name])
    .find((each) => Array.isArray(each));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Grams and kilograms differ by a thousand: where nobody says which it is, nothing is assumed. */
function scaleOf(valueName: string, options: CarbonTableOptions): number {
  const unit = options.unit ?? unitIn(valueName);
  if (unit === undefined) {
    const problem = `the column "${valueName}" does not say whether it is in grams or kilograms`;
    throw invalid(options, problem, { fix: 'set CARBON_UNIT to gCO2/kWh or kgCO2/kWh' });
  }
  return unit === 'gCO2/kWh' ? 1e-3 : 1;
}

function unitIn(valueName: string): CarbonUnit | undefined {
  if (/kg/i.test(valueName)) return 'kgCO2/kWh';
  return /(^|[^a-z])g(CO|_|\s|$)/i.test(valueName) ? 'gCO2/kWh' : undefined;
}

/** NaN for what is empty or no number. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function stepOf(rows: readonly IntensityRow[], options: CarbonTableOptions): number {
  const counts = new Map<number, number>();
  rows.forEach(({ fromMs }, index) => {
    const stepMs = (rows[index + 1]?.fromMs ?? Number.NaN) - fromMs;
    if (!Number.isNaN(stepMs)) counts.set(stepMs, (counts.get(stepMs) ?? 0) + 1);
  });
  const [step] = [...counts].sort(([a, often], [b, rare]) => rare - often || a - b);
  if (step === undefined) throw invalid(options, 'it has fewer than two times');
  const [stepMs] = step;
  if (stepMs < MINUTE_MS || stepMs > DAY_MS)
    throw invalid(options, 'its steps are not between a minute and a day');
  return stepMs;
}

function invalid(
  { name }: CarbonTableOptions,
  problem: string,
  more: { readonly cause?: unknown; readonly fix?: string } = {},
): KcError {
  return new KcError('KC_CARBON_INVALID', { object: name, problem, ...more });
}

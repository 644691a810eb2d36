/** The rows of a bill: flat records for machines, cells for people. Unknown is empty, never zero. */
import type { Amounts, CostRow, Grouping } from '#domain/allocation/aggregate.ts';
import { sumUsd } from '#domain/allocation/aggregate.ts';
import { energyCost } from '#domain/cost/energy-cost.ts';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import type { FlatRecord } from '../terminal/output.ts';
import type { Cell, Column } from '../terminal/table.ts';
import type { Bill } from './bill.ts';

/** Names of rows that no pod gave. */
export const IDLE = '__idle__';
export const OTHERS = '__others__';
export const WITHOUT = '__none__';

export function groupingName(grouping: Grouping): string {
  return grouping.by === 'label' ? grouping.label : grouping.by;
}

export interface RecordContext {
  readonly grouping: Grouping;
  /** What the row costs at the end of the time. */
  readonly usdPerHour: number;
}

/** One row in numbers. Money in USD of the time; energy money stands beside the cost, not in it. */
export function recordOf(row: CostRow, bill: Bill, { grouping, usdPerHour }: RecordContext): FlatRecord {
  const { total } = row;
  return {
    ...keyRecord(row, grouping),
    pods: row.pods,
    costUsd: sumUsd(total),
    cpuUsd: total.cpu,
    memoryUsd: total.memory,
    gpuUsd: total.gpu,
    sharedIdleUsd: sumUsd(row.idle),
    sharedCostUsd: sumUsd(row.shared),
    usdPerMonth: usdPerHour * HOURS_PER_MONTH,
    ...energyRecord(row, bill),
    podsWithUnknownUsage: row.podsWithUnknownUsage,
  };
}

/** A workload has a column for each part of its name. */
function keyRecord({ kind, key }: CostRow, grouping: Grouping): FlatRecord {
  const name = { idle: IDLE, others: OTHERS, group: key ?? WITHOUT }[kind];
  if (grouping.by !== 'workload') return { [groupingName(grouping)]: name };
  if (kind !== 'group') return { namespace: name, kind: undefined, name: undefined };
  const [namespace, ownerKind, ...rest] = name.split('/');
  return { namespace, kind: ownerKind, name: rest.join('/') };
}

function energyRecord(row: CostRow, bill: Bill): FlatRecord {
  const { watts, kwh } = powerOf(row);
  const { rates } = bill.tariff;
  const carbon = 'kgPerKwh' in bill.carbon ? bill.carbon : { ...bill.carbon, kg: undefined };
  const cost = kwh === undefined ? undefined : energyCost({ watts: kwh * 1000, hours: 1, carbon }, rates);
  return {
    watts,
    kwh,
    electricityUsd: cost?.electricityUsd,
    coolingUsd: cost?.coolingUsd,
    carbonUsd: cost?.carbonUsd,
    carbonKg: cost?.carbonKg,
    coolingMode: rates.coolingMode,
    carbonIntensity: bill.tariff.intensity.origin,
    powerOrigin: row.evidence?.origin,
    powerAgeSeconds:
      row.evidence === undefined ? undefined : Math.round((bill.toMs - row.evidence.atMs) / 1000),
    podsWithoutPower: row.podsWithoutPower,
  };
}

/** Unknown where no pod's power is known. */
function powerOf({ evidence, total }: CostRow): Partial<Pick<Amounts, 'watts' | 'kwh'>> {
  return evidence === undefined && total.watts === 0 ? {} : total;
}

const NUMBERS: readonly Column[] = [
  { title: 'PODS', align: 'right' },
  { title: 'CPU $', align: 'right' },
  { title: 'MEMORY $', align: 'right' },
  { title: 'GPU $', align: 'right' },
  { title: 'COST $', align: 'right' },
  { title: '$/MONTH', align: 'right' },
  { title: 'WATTS', align: 'right' },
  { title: 'KWH', align: 'right' },
  { title: 'KGCO2', align: 'right' },
  { title: 'ENERGY $', align: 'right' },
  { title: 'POWER' },
];

export function columnsOf(grouping: Grouping): readonly Column[] {
  const keys =
    grouping.by === 'workload' ? ['NAMESPACE', 'WORKLOAD'] : [groupingName(grouping).toUpperCase()];
  return [...keys.map((title) => ({ title })), ...NUMBERS];
}

export function cellsOf(record: FlatRecord, grouping: Grouping): Cell[] {
  const energyUsd = total([record['electricityUsd'], record['coolingUsd'], record['carbonUsd']]);
  return [
    ...keyCells(record, grouping),
    text(record['pods']),
    money(record['cpuUsd']),
    money(record['memoryUsd']),
    money(record['gpuUsd']),
    { text: money(record['costUsd']), style: 'bold' },
    fixed(record['usdPerMonth'], 2),
    partial(fixed(record['watts'], 1), record),
    partial(fixed(record['kwh'], 3), record),
    partial(fixed(record['carbonKg'], 3), record),
    partial(money(energyUsd), record),
    { text: originText(record), style: 'dim' },
  ];
}

function keyCells(record: FlatRecord, grouping: Grouping): Cell[] {
  if (grouping.by !== 'workload') return [named(text(record[groupingName(grouping)]))];
  const kind = text(record['kind']);
  return [named(text(record['namespace'])), kind === '' ? '' : `${kind}/${text(record['name'])}`];
}

function named(name: string): Cell {
  if (name === IDLE) return { text: 'idle', style: 'yellow' };
  if (name === OTHERS) return { text: '(other namespaces)', style: 'dim' };
  return name === WITHOUT ? { text: '(without)', style: 'dim' } : name;
}

/** Where some pods' watts are not known, the figure is the least that it can be. */
function partial(figure: string, { podsWithoutPower }: FlatRecord): string {
  return figure !== '' && Number(podsWithoutPower ?? 0) > 0 ? `≥ ${figure}` : figure;
}

function originText({ powerOrigin, powerAgeSeconds }: FlatRecord): string {
  if (powerOrigin === undefined) return 'unknown';
  return `${text(powerOrigin)}, ${text(powerAgeSeconds)} s`;
}

type Value = FlatRecord[string];

function total(values: readonly Value[]): number | undefined {
  const known = values.filter((value) => typeof value === 'number');
  return known.length < values.length ? undefined : known.reduce((sum, value) => sum + value, 0);
}

function text(value: Value): string {
  return value === undefined ? '' : String(value);
}

/** Small amounts keep their digits: a pod costs cents an hour. */
function money(value: Value): string {
  if (typeof value !== 'number') return '';
  return value !== 0 && Math.abs(value) < 100 ? value.toFixed(4) : value.toFixed(2);
}

function fixed(value: Value, digits: number): string {
  return typeof value === 'number' ? value.toFixed(digits) : '';
}

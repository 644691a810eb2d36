/** Reads price lists: a YAML or JSON map, or the CSV of a catalogue. */
import { parse } from 'yaml';
import { type CsvRow, parseCsv } from '#domain/cost/csv-rows.ts';
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';

/**
 * USD per hour by key (`src/domain/cost/price-list.ts` has the keys). CSV has a column of instance types and one of
 * prices, and may have columns of spot prices and zones, as catalogues of clouds have. Throws KC_PRICES_INVALID, naming
 * the line or key, for what is no such list; half a list is never taken.
 */
export function parsePriceList(text: string, name: string): NodePriceList {
  const isCsv = /^\uFEFF?(#[^\n]*\n)*[^\n:{]*[,;][^\n:{]*(\r?\n|$)/.test(text);
  const list = isCsv ? csvPrices(text, name) : mapPrices(text, name);
  if (Object.keys(list).length === 0) throw invalid(name, 'it holds no prices');
  return list;
}

function mapPrices(text: string, name: string): NodePriceList {
  const value = parseYaml(text, name);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(name, 'it is no map of keys and prices');
  }
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.map(([key, usd]) => [key, priceOf(usd, { name, where: `the price of ${key}` })]),
  );
}

function parseYaml(text: string, name: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw invalid(name, messageOf(error).split('\n')[0] ?? 'it is no YAML', error);
  }
}

const COLUMNS = {
  type: /^(instance_?type|type|key)$/i,
  price: /^(usd_per_hour|price|on_?demand(_usd_h|_price|_usd_per_hour)?)$/i,
  spot: /^spot(_usd_h|_?price|_usd_per_hour)?$/i,
  zone: /^(zone|az|availability_?zone)$/i,
  region: /^region$/i,
} as const;

function csvPrices(text: string, name: string): NodePriceList {
  const { columns, rows } = parseCsv(text);
  const column = (pattern: RegExp): string | undefined => columns.find((each) => pattern.test(each));
  const type = column(COLUMNS.type);
  const prices = [
    { column: column(COLUMNS.price), end: '' },
    { column: column(COLUMNS.spot), end: '/spot' },
  ].filter((each) => each.column !== undefined);
  if (type === undefined || prices.length === 0) {
    throw invalid(name, 'its first line must name the columns instance_type and usd_per_hour');
  }
  const places = [column(COLUMNS.zone), column(COLUMNS.region)].filter((each) => each !== undefined);
  const list: Record<string, number> = {};
  // Catalogues have rows of accelerators alone, which are no machines.
  for (const row of rows.filter(({ cells }) => (cells[type] ?? '') !== '')) {
    const place = places.map((each) => row.cells[each] ?? '').find((cell) => cell !== '');
    for (const { column: price = '', end } of prices) {
      const key = `${row.cells[type] ?? ''}${end}${place === undefined ? '' : `@${place}`}`;
      addPrice(list, { key, usd: cellPrice(row, price, name), where: `line ${String(row.line)}`, name });
    }
  }
  return list;
}

interface ListedPrice {
  readonly key: string;
  readonly usd: number | undefined;
  readonly where: string;
  readonly name: string;
}

/** Two prices under one key are told, not chosen from. */
function addPrice(list: Record<string, number>, { key, usd, where, name }: ListedPrice): void {
  if (usd === undefined) return;
  if ((list[key] ?? usd) !== usd) throw invalid(name, `${where}: ${key} has a second price`);
  list[key] = usd;
}

/** An empty cell says nothing. */
function cellPrice({ cells, line }: CsvRow, column: string, name: string): number | undefined {
  const text = cells[column] ?? '';
  return text === '' ? undefined : priceOf(Number(text), { name, where: `line ${String(line)}: ${column}` });
}

function priceOf(usd: unknown, { name, where }: { readonly name: string; readonly where: string }): number {
  if (typeof usd === 'number' && Number.isFinite(usd) && usd >= 0) return usd;
  throw invalid(name, `${where} is not a number of at least 0`);
}

function invalid(name: string, problem: string, cause?: unknown): KcError {
  return new KcError('KC_PRICES_INVALID', {
    object: name,
    problem,
    ...(cause === undefined ? {} : { cause }),
  });
}

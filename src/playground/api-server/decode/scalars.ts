/** Reading of single values: each returns the canonical form that the server prints, or throws DecodeError. */
import { type Quantity, formatQuantity, tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import { rfc3339 } from '#platform/clock.ts';
import { DecodeError } from './decode-error.ts';

/** The same few quantities come again and again. */
const CACHE_LIMIT = 4096;
const quantities = new Map<string, string>();
const amounts = new Map<string, string>();
const NANO_PER_MILLI = 1_000_000n;

const QUANTITY_PROBLEM =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** The canonical text of a quantity: `2000m` → `2`. */
export function decodeQuantity(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw new DecodeError(QUANTITY_PROBLEM);
  return quantities.get(text) ?? remember(quantities, text, formatQuantity(parsed(text)));
}

/** The same, rounded up to a thousandth, as amounts in resource lists are. */
export function decodeResourceAmount(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw new DecodeError(QUANTITY_PROBLEM);
  return amounts.get(text) ?? remember(amounts, text, formatQuantity(roundUp(parsed(text))));
}

function parsed(text: string): Quantity {
  const quantity = tryParseQuantity(text.trim());
  if (quantity === undefined) throw new DecodeError(QUANTITY_PROBLEM);
  return quantity;
}

function roundUp(quantity: Quantity): Quantity {
  const over = quantity.nano % NANO_PER_MILLI;
  if (over === 0n) return quantity;
  return { ...quantity, nano: quantity.nano - over + (over > 0n ? NANO_PER_MILLI : -NANO_PER_MILLI) };
}

function remember(cache: Map<string, string>, text: string, canonical: string): string {
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, canonical);
  return canonical;
}

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|[+-]\d{2}:\d{2})$/;
const CANONICAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** A time in UTC with whole seconds. */
export function decodeTime(value: unknown): string {
  const text = timeText(value, '2006-01-02T15:04:05Z07:00');
  return CANONICAL_TIME.test(text) ? text : rfc3339(Date.parse(text));
}

/** A time in UTC with microseconds. */
export function decodeMicroTime(value: unknown): string {
  const text = timeText(value, '2006-01-02T15:04:05.000000Z07:00');
  const fraction = TIME.exec(text)?.[2] ?? '';
  return `${rfc3339(Date.parse(text)).slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

function timeText(value: unknown, layout: string): string {
  if (typeof value !== 'string')
    throw new DecodeError(`json: cannot unmarshal ${typeof value} into Go value of type string`);
  if (!TIME.test(value) || Number.isNaN(Date.parse(value))) {
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  return value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64; line breaks are dropped. */
export function decodeBytes(value: unknown): string {
  const text = typeof value === 'string' ? value.replace(/[\r\n]/g, '') : '';
  if (BASE64.test(text)) return text;
  const wrong = text.search(/[^A-Za-z0-9+/]/);
  throw new DecodeError(
    `illegal base64 data at input byte ${wrong < 0 ? text.length - (text.length % 4) : wrong}`,
  );
}

const MAX_INT32 = 2 ** 31 - 1;

/** Whether a whole number fits its format. */
export function fitsInteger(value: number, format: string): boolean {
  return Number.isInteger(value) && (format !== 'int32' || (value <= MAX_INT32 && value >= -MAX_INT32 - 1));
}

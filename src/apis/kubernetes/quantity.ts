/**
 * Kubernetes quantities, exact. A quantity is an integer count of nano-units and the suffix family it was
 * written in; arithmetic never passes through a float, so `0.1` + `0.2` is `300m`.
 *
 * Follows k8s.io/apimachinery/pkg/api/resource/quantity.go: suffixes n u m "" k M G T P E, Ki … Ei and decimal
 * exponents; amounts finer than one nano-unit round up (away from zero); the canonical form has no fraction and the
 * largest suffix of the family that keeps it whole. Two texts that the API server takes are refused here: one
 * without a digit (it reads `m` as zero) and an exponent beyond ±40.
 */
import { KcError } from '#errors/kc-error.ts';

/** Which suffixes the canonical text uses. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount: `nano` is in units of 10⁻⁹. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const NANO_PER_UNIT = 1_000_000_000n;
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const DECIMAL_POWERS: Readonly<Record<string, number>> = {
  n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18,
}; // prettier-ignore
const BINARY_POWERS: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n, Mi: 1n << 20n, Gi: 1n << 30n, Ti: 1n << 40n, Pi: 1n << 50n, Ei: 1n << 60n,
}; // prettier-ignore
/** Parsing caps amounts in the binary family at 2⁶³−1 units. */
const MAX_NANO = ((1n << 63n) - 1n) * NANO_PER_UNIT;
const MAX_EXPONENT = 40;

/** Division that rounds away from zero, as the API server does for amounts finer than a nano-unit. */
function divideAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

/** `mantissa` × 10^`exponent` units, in nano-units. */
function scaleDecimal(mantissa: bigint, exponent: number): bigint {
  const power = exponent + 9;
  return power >= 0 ? mantissa * 10n ** BigInt(power) : divideAwayFromZero(mantissa, 10n ** BigInt(-power));
}

function clamp(nano: bigint): bigint {
  if (nano > MAX_NANO) return MAX_NANO;
  return nano < -MAX_NANO ? -MAX_NANO : nano;
}

/** A text taken apart: `mantissa` × 10^−`decimals` × its suffix. */
interface QuantityParts {
  readonly mantissa: bigint;
  readonly decimals: number;
  readonly exponent: string;
  readonly suffix: string;
}

function splitQuantity(text: string): QuantityParts | undefined {
  const match = PATTERN.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '', suffix = ''] = match ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  return { mantissa: sign === '-' ? -digits : digits, decimals: fraction.length, exponent, suffix };
}

/** Parses a quantity; returns undefined where the text is not one. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  const parts = splitQuantity(String(text));
  if (parts === undefined) return undefined;
  const binary = BINARY_POWERS[parts.suffix];
  if (binary !== undefined) {
    const scaled = parts.mantissa * binary * NANO_PER_UNIT;
    const nano = clamp(divideAwayFromZero(scaled, 10n ** BigInt(parts.decimals)));
    const isFraction = nano !== 0n && nano < NANO_PER_UNIT && nano > -NANO_PER_UNIT;
    return { nano, format: isFraction ? 'DecimalSI' : 'BinarySI' };
  }
  const exponent =
    parts.exponent === '' ? (DECIMAL_POWERS[parts.suffix] ?? 0) : Number(parts.exponent.slice(1));
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const nano = scaleDecimal(parts.mantissa, exponent - parts.decimals);
  return { nano, format: parts.exponent === '' ? 'DecimalSI' : 'DecimalExponent' };
}

/** Parses a quantity. Throws KC_QUANTITY_INVALID, naming `field`, where the text is not one. */
export function parseQuantity(text: string | number, field = 'quantity'): Quantity {
  const quantity = tryParseQuantity(text);
  if (quantity === undefined) {
    throw new KcError('KC_QUANTITY_INVALID', { field, problem: `"${String(text)}" is not a quantity` });
  }
  return quantity;
}

/** The amount as a float of whole units: cores for CPU, bytes for memory. Exact below 2⁵³ nano-units. */
export function quantityToNumber(quantity: Quantity): number {
  const whole = quantity.nano / NANO_PER_UNIT;
  return Number(whole) + Number(quantity.nano - whole * NANO_PER_UNIT) / 1e9;
}

/** The whole units of a text such as `500m` (0.5) or `1Gi` (1073741824). Throws KC_QUANTITY_INVALID. */
export function unitsOf(text: string | number, field = 'quantity'): number {
  return quantityToNumber(parseQuantity(text, field));
}

/** A quantity from whole units, rounded up to `stepNano` (default: one milli-unit). */
export function quantityFromNumber(
  units: number,
  format: QuantityFormat = 'DecimalSI',
  stepNano = 1_000_000n,
): Quantity {
  if (!Number.isFinite(units)) {
    throw new KcError('KC_QUANTITY_INVALID', { problem: `${String(units)} is not a finite amount` });
  }
  // A float carries about 15.9 digits: printing 15 drops the binary dust before rounding up.
  const exact = scaleDecimalText(units);
  return { nano: divideAwayFromZero(exact, stepNano) * stepNano, format };
}

/** Nano-units of a float, read from its shortest 15-digit decimal. */
function scaleDecimalText(units: number): bigint {
  const [mantissa = '0', exponent = '0'] = units.toExponential(14).split('e');
  return scaleDecimal(BigInt(mantissa.replace('.', '')), Number(exponent) - 14);
}

/** The canonical text, as the API server writes it: `2000m` → `2`, `1024Mi` → `1Gi`. */
export function formatQuantity(quantity: Quantity): string {
  const { nano, format } = quantity;
  if (nano === 0n) return '0';
  if (format === 'BinarySI' && nano % NANO_PER_UNIT === 0n) {
    const units = nano / NANO_PER_UNIT;
    if (units >= 1024n || units <= -1024n) return formatBinary(units);
  }
  return format === 'DecimalExponent' ? formatExponent(nano) : formatDecimal(nano);
}

function formatBinary(units: bigint): string {
  let chosen: readonly [string, bigint] = ['', 1n];
  for (const entry of Object.entries(BINARY_POWERS)) if (units % entry[1] === 0n) chosen = entry;
  return `${String(units / chosen[1])}${chosen[0]}`;
}

/** The largest power of 1000 that keeps `nano` whole, from 10⁻⁹ up. */
function decimalPower(nano: bigint): number {
  let power = -9;
  for (let rest = nano; rest % 1000n === 0n; rest /= 1000n) power += 3;
  return power;
}

function formatDecimal(nano: bigint): string {
  const power = decimalPower(nano);
  const suffix = Object.keys(DECIMAL_POWERS).find((name) => DECIMAL_POWERS[name] === power);
  // Beyond exa there is no suffix.
  return suffix === undefined ? formatExponent(nano) : `${String(nano / 10n ** BigInt(power + 9))}${suffix}`;
}

function formatExponent(nano: bigint): string {
  const power = decimalPower(nano);
  const digits = String(nano / 10n ** BigInt(power + 9));
  return power === 0 ? digits : `${digits}e${String(power)}`;
}

/** The canonical text of any quantity text. Throws KC_QUANTITY_INVALID. */
export function canonicalQuantity(text: string | number, field = 'quantity'): string {
  return formatQuantity(parseQuantity(text, field));
}

/** Negative, zero or positive as `a` is smaller than, equal to or larger than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/** The exact sum; it keeps the format of `a` unless `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The exact difference `a` − `b`, in the format of `a`. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** True where both texts are quantities of the same amount: `1000m` and `1`. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  const left = tryParseQuantity(a);
  const right = tryParseQuantity(b);
  return left !== undefined && right !== undefined && left.nano === right.nano;
}

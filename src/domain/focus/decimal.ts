/** Exact decimals of nine places, as counts of billionths: what rows are rounded to, so that their sums are exact. */

export type Billionths = bigint;

const PLACES = 9;
const ONE = 10n ** BigInt(PLACES);

/** The nearest decimal, half away from zero. Throws RangeError for what is not finite. */
export function billionths(value: number): Billionths {
  // Split first: the product with 10⁹ of a large amount has no digits left for its fraction.
  const whole = Math.trunc(value);
  const rest = Math.abs(value - whole);
  return BigInt(whole) * ONE + BigInt(Math.sign(value) * Math.round(rest * 1e9));
}

/** As FOCUS wants numbers: digits and at most one point, no exponent. */
export function decimalText(amount: Billionths): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The part of an amount that a ratio of two others is, as a float: for figures that are shown, not summed. */
export function ratioOf(part: Billionths, whole: Billionths): number {
  return whole === 0n ? 0 : Number(part) / Number(whole);
}

/** Quantities and durations as the metrics API writes them, read fast: a poll of a large cluster has 20,000. */
import { quantityToNumber, tryParseQuantity } from '#apis/kubernetes/quantity.ts';

const USUAL = /^(\d{1,15})(n|u|m|Ki|Mi|)$/;
const DIVISORS: Readonly<Record<string, number>> = { n: 1e9, u: 1e6, m: 1e3 };
const FACTORS: Readonly<Record<string, number>> = { Ki: 1024, Mi: 1024 ** 2 };

/** Whole units: cores, bytes. NaN where the text is no quantity, undefined where there is no text. */
export function amountOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = '', suffix = ''] = USUAL.exec(text) ?? [];
  if (digits !== '') return (Number(digits) / (DIVISORS[suffix] ?? 1)) * (FACTORS[suffix] ?? 1);
  const quantity = tryParseQuantity(text);
  return quantity === undefined ? Number.NaN : quantityToNumber(quantity);
}

const DURATION_PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, 'µs': 1e-3, ns: 1e-6,
}; // prettier-ignore

/** A duration as Go prints it, such as `1m0.5s`; undefined where the text is none. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let sum = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(DURATION_PART))
    sum += Number(amount) * (UNIT_MS[unit] ?? 0);
  return sum;
}

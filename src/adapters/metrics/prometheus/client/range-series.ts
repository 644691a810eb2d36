/** One series of an answer, read from its JSON text. */

export type Labels = Readonly<Record<string, string>>;

/** Times in milliseconds, ascending. Values may be NaN or infinite: PromQL has such values. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

const SPECIAL: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/** A sample value as the API writes it; NaN for NaN and for what is no number. */
export function sampleValue(text: string): number {
  return SPECIAL[text] ?? (text === '' ? Number.NaN : Number(text));
}

interface LooseSeries {
  readonly metric?: Labels;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** Reads `{"metric":{…},"values":[[t,"v"],…]}`, or with one `"value":[t,"v"]`. Throws SyntaxError. */
export function parseSeries(json: string): RangeSeries {
  return parsePlain(json) ?? parseAny(json);
}

/** However it is written. */
function parseAny(json: string): RangeSeries {
  const { metric = {}, value, values = value === undefined ? [] : [value] } = JSON.parse(json) as LooseSeries;
  return {
    labels: metric,
    times: Float64Array.from(values, ([seconds]) => Math.round(seconds * 1000)),
    values: Float64Array.from(values, ([, text]) => sampleValue(text)),
  };
}

/** Within a text its quotes would be escaped, so it stands for nothing else. */
const VALUES = ',"values":[[';
const PAIR_CHARACTERS = 12;
const [QUOTE, COMMA, DOT, ZERO, NINE, OPEN, CLOSE] = [0x22, 0x2c, 0x2e, 0x30, 0x39, 0x5b, 0x5d];
/** Any integer of so many digits is a double, and so is any such power of ten: their quotient is rounded once. */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * The form in which Prometheus and all that speak its API write a range: without spaces, labels first. A week of a
 * cluster is tens of millions of such pairs; through JSON.parse each would be an array and a text. Undefined where a
 * series is written in another way.
 */
function parsePlain(json: string): RangeSeries | undefined {
  const at = json.indexOf(VALUES);
  if (at < 0) return undefined;
  const reader = new PairReader(json, at + VALUES.length - 1);
  const most = Math.ceil((json.length - at) / PAIR_CHARACTERS);
  const [times, values] = [new Float64Array(most), new Float64Array(most)];
  let count = 0;
  for (; reader.next(); count += 1) {
    times[count] = reader.timeMs;
    values[count] = reader.value;
  }
  if (!reader.atEnd) return undefined;
  const { metric = {} } = JSON.parse(`${json.slice(0, at)}}`) as LooseSeries;
  return { labels: metric, times: times.slice(0, count), values: values.slice(0, count) };
}

class PairReader {
  timeMs = Number.NaN;
  value = Number.NaN;
  readonly #json: string;
  #index: number;

  /** `index` is that of the first pair's bracket. */
  constructor(json: string, index: number) {
    this.#json = json;
    this.#index = index;
  }

  /** Whether the list and the series end here. */
  get atEnd(): boolean {
    return this.#json.startsWith(']}', this.#index) && this.#index + 2 === this.#json.length;
  }

  /** Reads `[t,"v"]` and the comma behind it; false, and not moved, where something else stands there. */
  next(): boolean {
    const json = this.#json;
    const start = this.#index;
    if (json.charCodeAt(start) !== OPEN) return false;
    const comma = endOfNumber(json, start + 1);
    if (json.charCodeAt(comma) !== COMMA || json.charCodeAt(comma + 1) !== QUOTE) return false;
    const quote = json.indexOf('"', comma + 2);
    if (quote < 0 || json.charCodeAt(quote + 1) !== CLOSE) return false;
    this.timeMs = Math.round(decimal(json, start + 1, comma) * 1000);
    this.value = decimal(json, comma + 2, quote);
    this.#index = json.charCodeAt(quote + 2) === COMMA ? quote + 3 : quote + 2;
    return true;
  }
}

function endOfNumber(json: string, from: number): number {
  let index = from;
  for (let code = json.charCodeAt(index); isDigit(code) || code === DOT; code = json.charCodeAt(index))
    index += 1;
  return index;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** The number that a stretch of text writes, as sampleValue reads it. */
function decimal(text: string, from: number, to: number): number {
  let digits = 0;
  let decimals = -1;
  let whole = 0;
  for (let index = from; index < to; index += 1) {
    const code = text.charCodeAt(index);
    if (isDigit(code)) {
      whole = whole * 10 + (code - ZERO);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (code === DOT && decimals < 0) decimals = 0;
    else return sampleValue(text.slice(from, to));
  }
  // Looked up among the special values, every text would be kept and hashed.
  if (digits > EXACT_DIGITS) return Number(text.slice(from, to));
  if (digits === 0) return sampleValue(text.slice(from, to));
  return decimals > 0 ? whole / (POWERS[decimals] ?? Number.NaN) : whole;
}

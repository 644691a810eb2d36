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
  const { metric = {}, value, values = value === undefined ? [] : [value] } = JSON.parse(json) as LooseSeries;
  return {
    labels: metric,
    times: Float64Array.from(values, ([seconds]) => Math.round(seconds * 1000)),
    values: Float64Array.from(values, ([, text]) => sampleValue(text)),
  };
}

/** How much CO2 a kWh carries, by time: a constant, or a table with gaps. What is not known is said, never zero. */

/** kg of CO2 per kWh from `fromMs` on, for as long as the table's step. */
export interface IntensityRow {
  readonly fromMs: number;
  /** NaN where the table has the hour but no value for it. */
  readonly kgPerKwh: number;
}

/** `default` is the seed's placeholder of 1 kg/kWh: it keeps its formula, and is no statement about any grid. */
export type IntensityOrigin = 'default' | 'constant' | 'table';

export type CarbonIntensity =
  | { readonly origin: 'default' | 'constant'; readonly kgPerKwh: number }
  | {
      readonly origin: 'table';
      /** By time, each within its step only. */
      readonly rows: readonly IntensityRow[];
      readonly stepMs: number;
      /** Where it comes from, for people. */
      readonly name: string;
    };

type IntensityTable = Extract<CarbonIntensity, { readonly origin: 'table' }>;

/** The printed behaviour of the seed. */
export const SEED_INTENSITY: CarbonIntensity = { origin: 'default', kgPerKwh: 1 };

/** One stretch of time with the same intensity; undefined with a reason where it is not known. */
export interface IntensitySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kgPerKwh: number | undefined;
  readonly reason: string | undefined;
}

/** The intensity over a time, in stretches that cover it without gap or overlap. */
export function intensitySpans(
  intensity: CarbonIntensity,
  fromMs: number,
  toMs: number,
): readonly IntensitySpan[] {
  if (!(toMs > fromMs)) return [];
  if (intensity.origin !== 'table') {
    return [{ fromMs, toMs, kgPerKwh: intensity.kgPerKwh, reason: undefined }];
  }
  const spans: IntensitySpan[] = [];
  let atMs = fromMs;
  for (const span of rowSpans(intensity, fromMs, toMs)) {
    if (span.fromMs > atMs) spans.push(missing(atMs, span.fromMs, intensity.name));
    spans.push(span);
    atMs = span.toMs;
  }
  return atMs < toMs ? [...spans, missing(atMs, toMs, intensity.name)] : spans;
}

/** The rows that hold within a time, clipped to it. A row ends where the next begins, at the latest after a step. */
function rowSpans({ rows, stepMs, name }: IntensityTable, fromMs: number, toMs: number): IntensitySpan[] {
  const spans: IntensitySpan[] = [];
  for (let index = firstRowAfter(rows, fromMs - stepMs); index < rows.length; index++) {
    const row = rows[index];
    if (row === undefined || row.fromMs >= toMs) break;
    const endMs = Math.min(row.fromMs + stepMs, rows[index + 1]?.fromMs ?? Infinity, toMs);
    const beginMs = Math.max(row.fromMs, fromMs);
    if (endMs > beginMs) spans.push(known({ row, fromMs: beginMs, toMs: endMs, name }));
  }
  return spans;
}

/** The intensity at one moment. */
export function intensityAt(intensity: CarbonIntensity, atMs: number): IntensitySpan | undefined {
  return intensitySpans(intensity, atMs, atMs + 1)[0];
}

interface RowSpan {
  readonly row: IntensityRow;
  readonly fromMs: number;
  readonly toMs: number;
  readonly name: string;
}

function known({ row, fromMs, toMs, name }: RowSpan): IntensitySpan {
  if (Number.isFinite(row.kgPerKwh) && row.kgPerKwh >= 0) {
    return { fromMs, toMs, kgPerKwh: row.kgPerKwh, reason: undefined };
  }
  const reason = `${name} has no usable carbon intensity at ${new Date(row.fromMs).toISOString()}`;
  return { fromMs, toMs, kgPerKwh: undefined, reason };
}

function missing(fromMs: number, toMs: number, name: string): IntensitySpan {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  const reason = `${name} has no carbon intensity from ${from ?? ''} to ${to ?? ''}`;
  return { fromMs, toMs, kgPerKwh: undefined, reason };
}

/** The index of the first row after `ms`, by bisection. */
function firstRowAfter(rows: readonly IntensityRow[], ms: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.fromMs ?? Infinity) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * InfluxDB's line protocol (https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/):
 * `measurement,tag=value field=1,text="…" 1700000000000`, times in milliseconds. A point of the same measurement, tags and
 * time overwrites the one before it.
 */
import type { PowerSample, SampleBatch } from '../sample-batch.ts';

/** Measurements are called `<prefix>_<kind>_power`. */
export function lineProtocol(batch: SampleBatch, prefix: string): string {
  return batch.samples.flatMap((sample) => lineOf(batch.atMs, sample, prefix) ?? []).join('\n');
}

/** Undefined where nothing is known: a point needs a field. */
function lineOf(atMs: number, { kind, tags, fields }: PowerSample, prefix: string): string | undefined {
  const series = [escapeMeasurement(`${prefix}_${kind}_power`), ...tagPairs(tags)].join(',');
  const values = Object.entries(fields).flatMap(([name, value]) => fieldPair(name, value) ?? []);
  return values.length === 0 ? undefined : `${series} ${values.join(',')} ${String(atMs)}`;
}

/** Sorted, as the server stores them; an empty value is no tag. */
function tagPairs(tags: PowerSample['tags']): string[] {
  return Object.entries(tags)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escapeKey(name)}=${escapeKey(value)}`);
}

function fieldPair(name: string, value: number | string): string | undefined {
  if (typeof value === 'string') return `${escapeKey(name)}="${escapeText(value)}"`;
  return Number.isFinite(value) ? `${escapeKey(name)}=${String(value)}` : undefined;
}

/** A newline ends a line wherever it stands, and a tag must not end with a backslash. */
function singleLine(text: string): string {
  return text.replaceAll(/[\n\r]/g, ' ').replace(/\\+$/, '');
}

function escapeMeasurement(text: string): string {
  return singleLine(text).replaceAll(/[, ]/g, String.raw`\$&`);
}

function escapeKey(text: string): string {
  return singleLine(text).replaceAll(/[,= ]/g, String.raw`\$&`);
}

function escapeText(text: string): string {
  return text.replaceAll(/["\\]/g, String.raw`\$&`);
}

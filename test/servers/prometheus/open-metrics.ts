/** Writes series as OpenMetrics text, which promtool turns into blocks. */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface OpenMetricsSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Times in milliseconds, ascending, with their values. */
  readonly samples: Iterable<readonly [number, number]>;
}

const FLUSH_CHARACTERS = 1 << 20;

/** `{pod="web-0",namespace="shop"}` */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}

/** A value as the text format writes it. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/** Series of one name follow each other, as the format demands. Types are left open: promtool needs none. */
export function writeOpenMetrics(file: string, series: readonly OpenMetricsSeries[]): void {
  const out = openSync(file, 'w');
  let pending = '';
  for (const { name, labels, samples } of [...series].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const head = `${name}${labelText(labels)}`;
    for (const [atMs, value] of samples) {
      pending += `${head} ${valueText(value)} ${String(atMs / 1000)}\n`;
      if (pending.length < FLUSH_CHARACTERS) continue;
      writeSync(out, pending);
      pending = '';
    }
  }
  writeSync(out, `${pending}# EOF\n`);
  closeSync(out);
}

/** The Prometheus text format (version 0.0.4): families of samples, each family once and in one piece. */

export type MetricType = 'counter' | 'gauge';
export type Labels = Readonly<Record<string, string>>;

export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help?: string;
}

/** What is exposed of one object in one family. */
export type Sample = readonly [labels: Labels, value: number];

export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Collects samples and prints them by family, in the order in which the families came. */
export class MetricText {
  readonly #families = new Map<string, string[]>();

  add(family: MetricFamily, labels: Labels, value: number): void {
    let lines = this.#families.get(family.name);
    if (lines === undefined) {
      lines = family.help === undefined ? [] : [`# HELP ${family.name} ${family.help}`];
      lines.push(`# TYPE ${family.name} ${family.type}`);
      this.#families.set(family.name, lines);
    }
    lines.push(`${family.name}${labelText(labels)} ${valueText(value)}`);
  }

  text(): string {
    const lines = [...this.#families.values()].flat();
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }
}

/** `{pod="web-0",namespace="shop"}`, or nothing without labels. */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

/** One family with what it says about an object; no sample where it says nothing. */
export interface ObjectFamily<T> extends MetricFamily {
  readonly samples: (object: T) => readonly Sample[];
}

/** Adds all families about all objects. */
export function addObjects<T>(
  text: MetricText,
  families: readonly ObjectFamily<T>[],
  objects: readonly T[],
): void {
  for (const family of families) {
    for (const object of objects) {
      for (const [labels, value] of family.samples(object)) text.add(family, labels, value);
    }
  }
}

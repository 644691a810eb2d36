/** How far two sizings of the same workloads lie apart, and how often they agree. */
import { quantileOfSorted } from '#domain/statistics/order.ts';
import { percent, table } from '../../rightsizing/tables.ts';
import type { Bounds } from './recommended.ts';

export interface Pair {
  readonly name: string;
  readonly real: Bounds;
  readonly ours: Bounds;
}

export interface Deviation {
  readonly bound: keyof Bounds;
  readonly compared: number;
  /** Share of workloads within 0.1 %, and within one bucket of the histogram (5 %). */
  readonly equal: number;
  readonly withinBucket: number;
  /** Of |ours / real − 1|. */
  readonly median: number;
  readonly p95: number;
  readonly largest: number;
  readonly worst: string;
}

const EQUAL = 0.001;
const BUCKET = 0.051;

export function deviations(pairs: readonly Pair[]): readonly Deviation[] {
  return (['target', 'lower', 'upper'] as const).map((bound) => {
    const apart = pairs
      .map(({ name, real, ours }) => ({ name, by: Math.abs(ours[bound] / real[bound] - 1) }))
      .sort((a, b) => a.by - b.by);
    const sorted = Float64Array.from(apart, ({ by }) => by);
    const share = (limit: number): number => apart.filter(({ by }) => by <= limit).length / apart.length;
    return {
      bound,
      compared: apart.length,
      equal: share(EQUAL),
      withinBucket: share(BUCKET),
      median: quantileOfSorted(sorted, 0.5),
      p95: quantileOfSorted(sorted, 0.95),
      largest: sorted.at(-1) ?? Number.NaN,
      worst: apart.at(-1)?.name ?? '',
    };
  });
}

export function deviationTable(parts: readonly (readonly [string, readonly Deviation[]])[]): string {
  const head = ['', 'equal', 'within a bucket', 'median', '95th', 'largest', 'where'];
  const rows = parts.flatMap(([title, list]) =>
    list.map(({ bound, equal, withinBucket, median, p95, largest, worst }) => [
      `${title} ${bound}`,
      ...[equal, withinBucket].map((share) => percent(share)),
      ...[median, p95, largest].map((apart) => percent(apart, 2)),
      worst,
    ]),
  );
  return table(head, rows);
}

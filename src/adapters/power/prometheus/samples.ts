/** One figure of one series: what every exporter's reader makes its readings from. */
import type { Labels } from '../../metrics/prometheus/client/range-series.ts';

export interface PowerSample {
  readonly metric: string;
  readonly labels: Labels;
  /** The rate of a counter per second, or the mean of a gauge, over the window. */
  readonly value: number;
  /** The newest value of a gauge; the same as `value` where only that is known. */
  readonly last: number;
  readonly atMs: number;
}

export type MetricKind = 'counter' | 'gauge';

/** Series that are asked for together. */
export interface Selection {
  readonly metrics: Readonly<Record<string, MetricKind>>;
  /** Narrows them, e.g. `mode="dynamic"`. */
  readonly matchers?: readonly string[];
  /** Asked for only where what goes before it has no series at all. */
  readonly onlyIfNone?: readonly string[];
}

/** The same kind for many names. */
export function metricsOf(kind: MetricKind, names: readonly string[]): Readonly<Record<string, MetricKind>> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

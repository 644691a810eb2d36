/** Series of the past, read step by step: what is held is numbers, not an object per sample. */
import type { RangeSeries } from '../../metrics/prometheus/client/range-series.ts';
import { METRIC_LABEL } from './expressions.ts';
import type { NodeNames } from './node-names.ts';
import type { PowerSample } from './samples.ts';

export class SeriesCursor {
  readonly #series: readonly { readonly series: RangeSeries; next: number }[];

  constructor(series: readonly RangeSeries[]) {
    this.#series = series.map((each) => ({ series: each, next: 0 }));
  }

  /** The samples of exactly this time that name a node. Times must ascend from call to call. */
  at(atMs: number, nodes: NodeNames): readonly PowerSample[] {
    const samples: PowerSample[] = [];
    for (const cursor of this.#series) {
      const { labels, times, values } = cursor.series;
      while ((times[cursor.next] ?? Number.POSITIVE_INFINITY) < atMs) cursor.next += 1;
      const value = times[cursor.next] === atMs ? (values[cursor.next] ?? Number.NaN) : Number.NaN;
      if (!(value >= 0) || !Number.isFinite(value) || nodes.nodeOf(labels).node === undefined) continue;
      samples.push({ metric: labels[METRIC_LABEL] ?? '', labels, value, last: value, atMs });
    }
    return samples;
  }
}

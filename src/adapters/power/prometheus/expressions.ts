/** The expressions by which the past is read. */
import { oneOf, selector } from '../../metrics/prometheus/usage/selectors.ts';
import type { Selection } from './samples.ts';

/** Rates lose the names of their metrics: they are kept in this label. */
export const METRIC_LABEL = 'kcloud_metric';

/** The rates of counters and the means of gauges, all in one answer, each series with the name of its metric. */
export function rateExpression(selection: Selection, matchers: readonly string[], windowMs: number): string {
  return Object.entries(selection.metrics)
    .map(([metric, kind]) => {
      const wanted = selector([oneOf('__name__', [metric]), ...(selection.matchers ?? []), ...matchers]);
      const figure = kind === 'counter' ? 'rate' : 'avg_over_time';
      return `label_replace(${figure}(${wanted}[${String(windowMs)}ms]),"${METRIC_LABEL}","${metric}","","")`;
    })
    .join(' or ');
}

/** The row of a HorizontalPodAutoscaler: what it measures, and how far it is from what it should be. */
import { type JsonObject, asList, asObject, asText, isPresent, objectAt } from '../json/json.ts';
import { type CellMaker, age, at, count, name, row, text } from './cells.ts';
import type { RowMaker } from './table.ts';

const SHOWN_METRICS = 2;

/** The field in which a metric of each type says more. */
function detailsOf(metric: JsonObject): JsonObject {
  const type = asText(metric['type']);
  return objectAt(metric, `${type.charAt(0).toLowerCase()}${type.slice(1)}`);
}

function shown(value: unknown, suffix = '', missing = '<unknown>'): string {
  return isPresent(value) ? `${String(value)}${suffix}` : missing;
}

function metricText(spec: JsonObject, status: JsonObject): string {
  const details = detailsOf(spec);
  const target = objectAt(details, 'target');
  const current = objectAt(detailsOf({ ...status, type: spec['type'] }), 'current');
  const metric = asText(details['name']);
  const prefix = metric === '' ? '' : `${metric}: `;
  if (isPresent(target['averageValue'])) {
    const suffix = spec['type'] === 'Object' || spec['type'] === 'External' ? ' (avg)' : '';
    return `${prefix}${shown(current['averageValue'])}/${shown(target['averageValue'])}${suffix}`;
  }
  if (metric === '') return `${shown(current['value'])}/${shown(target['value'])}`;
  const wanted = shown(target['averageUtilization'], '%', '<auto>');
  return `${prefix}${shown(current['averageUtilization'], '%')}/${wanted}`;
}

const metrics: CellMaker = (object) => {
  const specs = asList(at(object, 'spec.metrics')).map(asObject);
  const statuses = asList(at(object, 'status.currentMetrics')).map(asObject);
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, index) => metricText(spec, statuses[index] ?? {}));
  const first = texts.slice(0, SHOWN_METRICS).join(', ');
  return texts.length > SHOWN_METRICS ? `${first} + ${texts.length - SHOWN_METRICS} more...` : first;
};

const reference: CellMaker = (object, context) =>
  `${String(text('spec.scaleTargetRef.kind')(object, context))}/${String(text('spec.scaleTargetRef.name')(object, context))}`;

export const autoscalerRow: RowMaker = row(
  name,
  reference,
  metrics,
  text('spec.minReplicas', '<unset>'),
  count('spec.maxReplicas'),
  count('status.currentReplicas'),
  age,
);

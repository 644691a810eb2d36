/** What holds for HorizontalPodAutoscalers and PodDisruptionBudgets. */
import { tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import { type JsonObject, asNumber, asObject, asText, isObject, isPresent } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { each, filledText, oneOfIfPresent } from './checks.ts';
import { type FieldErrors, NO_ERRORS, invalid, notSupported, prohibited, required } from './field-error.ts';
import { atMostAllErrors, intOrPercentErrors } from './int-or-percent.ts';
import { labelSelectorErrors } from './label-selector.ts';

const METRICS: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function replicaErrors(spec: JsonObject): FieldErrors {
  const min = asNumber(spec['minReplicas']);
  const max = asNumber(spec['maxReplicas']) ?? 0;
  const field = 'spec.maxReplicas';
  return [
    ...(min !== undefined && min < 1
      ? [invalid('spec.minReplicas', min, 'must be greater than or equal to 1')]
      : []),
    ...(max === 0 ? [required(field, 'must be set and greater than 0')] : []),
    ...(max < 0 ? [invalid(field, max, 'must be greater than or equal to 1')] : []),
    ...(min !== undefined && max < min
      ? [invalid(field, max, 'must be greater than or equal to `minReplicas`')]
      : []),
  ];
}

function isPositive(value: unknown): boolean {
  const quantity = tryParseQuantity(asText(value));
  return quantity !== undefined && quantity.nano > 0n;
}

function targetErrors(target: JsonObject, field: string): FieldErrors {
  const type = asText(target['type']);
  const utilization = target['averageUtilization'];
  const isKnown = ['Utilization', 'Value', 'AverageValue'].includes(type);
  return [
    ...(type === '' ? [required(`${field}.type`, 'must specify a metric target type')] : []),
    ...(isKnown
      ? []
      : [invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...['value', 'averageValue']
      .filter((name) => isPresent(target[name]) && !isPositive(target[name]))
      .map((name) => invalid(`${field}.${name}`, target[name], 'must be positive')),
    ...(typeof utilization === 'number' && utilization < 1
      ? [invalid(`${field}.averageUtilization`, utilization, 'must be greater than 0')]
      : []),
  ];
}

function resourceErrors(source: JsonObject, field: string): FieldErrors {
  const target = asObject(source['target']);
  const hasUtilization = isPresent(target['averageUtilization']);
  const hasValue = isPresent(target['averageValue']);
  return [
    ...filledText(source['name'], `${field}.name`, 'must specify a resource name'),
    ...targetErrors(target, `${field}.target`),
    ...(hasUtilization || hasValue
      ? []
      : [
          required(
            `${field}.target.averageUtilization`,
            'must set either a target raw value or a target utilization',
          ),
        ]),
    ...(hasUtilization && hasValue
      ? [
          prohibited(
            `${field}.target.averageValue`,
            'may not set both a target raw value and a target utilization',
          ),
        ]
      : []),
  ];
}

function metricErrors(metric: JsonObject, field: string): FieldErrors {
  const type = asText(metric['type']);
  const expected = METRICS[type];
  if (type === '') return [required(`${field}.type`, 'must specify a metric source type')];
  if (expected === undefined) return [notSupported(`${field}.type`, type, Object.keys(METRICS))];
  const source = metric[expected];
  const others = Object.values(METRICS).filter((name) => name !== expected && isPresent(metric[name]));
  const isResource = expected === 'resource' || expected === 'containerResource';
  return [
    ...(isObject(source)
      ? isResource
        ? resourceErrors(source, `${field}.${expected}`)
        : targetErrors(asObject(source['target']), `${field}.${expected}.target`)
      : [required(`${field}.${expected}`, 'must populate information for the given metric source')]),
    ...others.map((name) => prohibited(`${field}.${name}`, 'must populate the given metric source only')),
  ];
}

export function autoscalerErrors(autoscaler: ApiObject): FieldErrors {
  const spec = asObject(autoscaler['spec']);
  const target = asObject(spec['scaleTargetRef']);
  return [
    ...replicaErrors(spec),
    ...filledText(target['kind'], 'spec.scaleTargetRef.kind'),
    ...filledText(target['name'], 'spec.scaleTargetRef.name'),
    ...targetGroupErrors(asText(target['apiVersion'])),
    ...each(spec['metrics'], 'spec.metrics', metricErrors),
  ];
}

function targetGroupErrors(apiVersion: string): FieldErrors {
  if (apiVersion.includes('/')) return NO_ERRORS;
  return [invalid('spec.scaleTargetRef.apiVersion', apiVersion, 'apiVersion must specify API group')];
}

export function disruptionBudgetErrors(budget: ApiObject): FieldErrors {
  const spec = asObject(budget['spec']);
  const bounds = ['minAvailable', 'maxUnavailable'] as const;
  const isDouble = bounds.every((name) => isPresent(spec[name]));
  return [
    ...(isDouble ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : NO_ERRORS),
    ...bounds.flatMap((name) => [
      ...intOrPercentErrors(spec[name], `spec.${name}`),
      ...atMostAllErrors(spec[name], `spec.${name}`),
    ]),
    ...labelSelectorErrors(spec['selector'], 'spec.selector'),
    ...oneOfIfPresent(spec['unhealthyPodEvictionPolicy'], 'spec.unhealthyPodEvictionPolicy', [
      'AlwaysAllow',
      'IfHealthyBudget',
    ]),
  ];
}

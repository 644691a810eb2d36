/** Reads and writes the fields of a HorizontalPodAutoscaler that follow a change of its target. */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  type HpaField,
  type ResourceName,
  hpaPath,
} from './field.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

interface UtilizationTarget {
  readonly resource: ResourceName;
  readonly container: string | undefined;
  readonly averageUtilization: number;
}

/** The utilization that a metric aims at, where it scales on CPU or memory utilization of requests. */
function utilizationTarget(metric: Metric): UtilizationTarget | undefined {
  const source = metric.type === 'ContainerResource' ? metric.containerResource : metric.resource;
  const averageUtilization = source?.target.averageUtilization;
  if (source === undefined || averageUtilization === undefined) return undefined;
  if (source.name !== 'cpu' && source.name !== 'memory') return undefined;
  const container = metric.type === 'ContainerResource' ? metric.containerResource?.container : undefined;
  return { resource: source.name, container, averageUtilization };
}

/** The lower bound and every utilization target of an autoscaler. */
export function readHpaFields(hpa: HorizontalPodAutoscaler): FieldMap {
  const name = hpa.metadata?.name ?? '';
  const fields: Record<FieldPath, FieldValue> = {
    [hpaPath({ hpa: name, field: 'minReplicas' })]: hpa.spec?.minReplicas ?? 1,
  };
  for (const metric of hpa.spec?.metrics ?? []) {
    const target = utilizationTarget(metric);
    if (target === undefined) continue;
    const { resource, container } = target;
    fields[hpaPath({ hpa: name, field: 'target', resource, container })] = target.averageUtilization;
  }
  return fields;
}

/** The merge patch that writes these fields; fields of other autoscalers are left out. */
export function hpaPatch(hpa: HorizontalPodAutoscaler, changes: FieldMap): Record<string, unknown> {
  const name = hpa.metadata?.name ?? '';
  const minReplicas = changes[hpaPath({ hpa: name, field: 'minReplicas' })];
  const metrics = (hpa.spec?.metrics ?? []).map((metric) => retarget(metric, name, changes));
  return {
    metadata: { resourceVersion: hpa.metadata?.resourceVersion },
    spec: {
      ...(minReplicas === undefined ? {} : { minReplicas }),
      ...(metrics.some((metric, index) => metric !== hpa.spec?.metrics?.[index]) ? { metrics } : {}),
    },
  };
}

function retarget(metric: Metric, hpa: string, changes: FieldMap): Metric {
  const target = utilizationTarget(metric);
  if (target === undefined) return metric;
  const field: HpaField = { hpa, field: 'target', resource: target.resource, container: target.container };
  const value = changes[hpaPath(field)];
  if (typeof value !== 'number') return metric;
  const key = metric.type === 'ContainerResource' ? 'containerResource' : 'resource';
  const source = metric[key];
  if (source === undefined) return metric;
  return { ...metric, [key]: { ...source, target: { ...source.target, averageUtilization: value } } };
}

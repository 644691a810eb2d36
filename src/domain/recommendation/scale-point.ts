/**
 * Keeps an autoscaler's scale point. An HPA on utilization compares usage with requests: halving the request
 * doubles the utilization and starts a spiral. Moving the target by the same factor keeps the absolute usage per
 * pod at which it scales.
 */
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  type HpaField,
  amountOf,
  parseHpaPath,
  parseResourcePath,
} from '../change/field.ts';

/** The requested amount that an HPA metric measures against: of one container, or of the whole pod. */
function requested(sizes: FieldMap, field: HpaField & { field: 'target' }): number {
  return Object.entries(sizes).reduce((sum, [path, value]) => {
    const resource = parseResourcePath(path);
    const counts =
      resource?.list === 'requests' &&
      resource.resource === field.resource &&
      (field.container === undefined || field.container === resource.container);
    return counts ? sum + (amountOf(value) ?? 0) : sum;
  }, 0);
}

/** Sizes before and after a change, and the fields of the autoscalers on the workload. */
export interface ScalePointInput {
  readonly before: FieldMap;
  readonly after: FieldMap;
  readonly hpaFields: FieldMap;
}

/** The utilization targets that keep every scale point where it is; empty where none moves. */
export function keepScalePoints({ before, after, hpaFields }: ScalePointInput): FieldMap {
  const moved: Record<FieldPath, FieldValue> = {};
  for (const [path, target] of Object.entries(hpaFields)) {
    const field = parseHpaPath(path);
    if (field?.field !== 'target' || typeof target !== 'number') continue;
    const had = requested(before, field);
    const has = requested(after, field);
    if (had <= 0 || has <= 0 || had === has) continue;
    moved[path] = Math.max(1, Math.round((target * had) / has));
  }
  return Object.fromEntries(Object.entries(moved).filter(([path, value]) => value !== hpaFields[path]));
}

/** Field paths under the names that users know from `status.currentRecommendation.changes`. */
import { type FieldMap, type FieldPath, parseHpaPath, parseResourcePath } from './field.ts';

function displayKey(path: FieldPath, single: boolean): string {
  const resource = parseResourcePath(path);
  if (resource !== undefined) {
    const key = `${resource.resource}_${resource.list === 'requests' ? 'request' : 'limit'}`;
    return single ? key : `${resource.container}.${key}`;
  }
  const hpa = parseHpaPath(path);
  if (hpa === undefined) return path;
  return hpa.field === 'minReplicas' ? 'hpa_min_replicas' : `hpa_${hpa.resource}_target`;
}

/**
 * `{cpu_request: "750m", replicas: 3}`. Keys carry the container's name (`app.cpu_request`) where the workload
 * has several containers. Absent values are left out.
 */
export function displayChanges(
  fields: FieldMap,
  containerCount: number,
): Readonly<Record<string, string | number>> {
  const shown: Record<string, string | number> = {};
  for (const [path, value] of Object.entries(fields)) {
    if (value !== null) shown[displayKey(path, containerCount <= 1)] = value;
  }
  return shown;
}

/** `cpu_request 2 → 1, replicas 5 → 4`, for messages. */
export function describeChanges(before: FieldMap, after: FieldMap, containerCount: number): string {
  return Object.entries(after)
    .map(([path, value]) => {
      const from = before[path] ?? null;
      return `${displayKey(path, containerCount <= 1)} ${String(from ?? 'unset')} → ${String(value ?? 'unset')}`;
    })
    .join(', ');
}

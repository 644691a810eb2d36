/** Field paths under the names that users know from `status.currentRecommendation.changes`. */
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  parseHpaPath,
  parsePlacementPath,
  type PlacementPart,
  parseResourcePath,
  SCALING_PLAN,
} from './field.ts';
import type { PreferredTerm, SpreadConstraint, Toleration } from './placement-objects.ts';

const PLACEMENT_KEYS = {
  preference: 'node_preference',
  spread: 'node_spread',
  toleration: 'toleration',
} as const;

function displayKey(path: FieldPath, single: boolean): string {
  const resource = parseResourcePath(path);
  if (resource !== undefined) {
    const key = `${resource.resource}_${resource.list === 'requests' ? 'request' : 'limit'}`;
    return single ? key : `${resource.container}.${key}`;
  }
  const placement = parsePlacementPath(path);
  if (placement !== undefined) return PLACEMENT_KEYS[placement.part];
  if (path === SCALING_PLAN) return 'scaling_plan';
  const hpa = parseHpaPath(path);
  if (hpa === undefined) return path;
  return hpa.field === 'minReplicas' ? 'hpa_min_replicas' : `hpa_${hpa.resource}_target`;
}

/** Items of placement in the words of people: `karpenter.sh/capacity-type In spot`. Plans stay texts. */
function displayValue(path: FieldPath, value: string | number): string | number {
  const part = parsePlacementPath(path)?.part;
  if (part === undefined || typeof value === 'number') return value;
  return PLACEMENT_WORDS[part](JSON.parse(value));
}

/** Our texts and those of the API server; a missing part shows as such. */
const PLACEMENT_WORDS: Readonly<Record<PlacementPart, (item: unknown) => string>> = {
  preference: (item) => {
    const [wish] = (item as PreferredTerm).preference.matchExpressions ?? [];
    return wish === undefined ? '' : `${wish.key} ${wish.operator} ${(wish.values ?? []).join(',')}`;
  },
  spread: (item) => {
    const { topologyKey, maxSkew } = item as SpreadConstraint;
    return `${topologyKey} maxSkew ${String(maxSkew)}`;
  },
  toleration: (item) => {
    const { key = '', value, effect = '' } = item as Toleration;
    return `${key}${value === undefined ? '' : `=${value}`}:${effect}`;
  },
};

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
    if (value !== null) shown[displayKey(path, containerCount <= 1)] = displayValue(path, value);
  }
  return shown;
}

/** `cpu_request 2 → 1, replicas 5 → 4`, for messages. */
export function describeChanges(before: FieldMap, after: FieldMap, containerCount: number): string {
  return Object.entries(after)
    .map(([path, value]) => {
      const from = before[path] ?? null;
      const text = (shown: FieldValue): string =>
        String(shown === null ? 'unset' : displayValue(path, shown));
      return `${displayKey(path, containerCount <= 1)} ${text(from)} → ${text(value)}`;
    })
    .join(', ');
}

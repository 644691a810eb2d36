/**
 * Reads and writes where pods may run: single items of the lists in a pod template, so that a restore takes back
 * ours and leaves those of others where they are.
 */
import type { PodSpec } from '#apis/kubernetes/builtin.ts';
import { canonicalJson } from './canonical-json.ts';
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  parsePlacementPath,
  type PlacementPart,
} from './field.ts';

/** The part of a pod spec that placement fields live in. */
export type PodPlacement = Pick<PodSpec, 'affinity' | 'tolerations' | 'topologySpreadConstraints'>;

/** Only what placement is about. */
export function placementOf(spec: PodSpec | undefined): PodPlacement {
  const { affinity, tolerations, topologySpreadConstraints } = spec ?? {};
  return {
    ...(affinity === undefined ? {} : { affinity }),
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(topologySpreadConstraints === undefined ? {} : { topologySpreadConstraints }),
  };
}

const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** The items of each list as plain values. */
function itemsOf(placement: PodPlacement, part: PlacementPart): readonly unknown[] {
  if (part === 'toleration') return placement.tolerations ?? [];
  if (part === 'spread') return placement.topologySpreadConstraints ?? [];
  return placement.affinity?.nodeAffinity?.[PREFERRED] ?? [];
}

/** The label or taint that an item speaks of; undefined for a preference about several labels. */
function keyOf(item: unknown, part: PlacementPart): string | undefined {
  if (part === 'toleration') return (item as Toleration).key;
  if (part === 'spread') return (item as SpreadConstraint).topologyKey;
  const { matchExpressions = [], matchFields } = (item as PreferredTerm).preference;
  return matchExpressions.length === 1 && matchFields === undefined ? matchExpressions[0]?.key : undefined;
}

export type Toleration = NonNullable<PodSpec['tolerations']>[number];
export type SpreadConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];
type NodeAffinity = NonNullable<NonNullable<PodSpec['affinity']>['nodeAffinity']>;
export type PreferredTerm = NonNullable<NodeAffinity[typeof PREFERRED]>[number];

/** What stands at these paths: the canonical text of the item, null where there is none. Other paths are left out. */
export function readPlacementFields(placement: PodPlacement, paths: Iterable<FieldPath>): FieldMap {
  const fields: Record<FieldPath, FieldValue> = {};
  for (const path of paths) {
    const field = parsePlacementPath(path);
    if (field === undefined) continue;
    const item = itemsOf(placement, field.part).find((each) => keyOf(each, field.part) === field.key);
    fields[path] = item === undefined ? null : canonicalJson(item);
  }
  return fields;
}

/** The part of a strategic merge patch of a pod spec that writes these fields; empty where none is of placement. */
export function placementPatch(placement: PodPlacement, changes: FieldMap): Record<string, unknown> {
  const lists = new Map<PlacementPart, readonly unknown[]>();
  for (const [path, value] of Object.entries(changes)) {
    const field = parsePlacementPath(path);
    if (field === undefined) continue;
    const { part, key } = field;
    const list = lists.get(part) ?? itemsOf(placement, part);
    lists.set(
      part,
      withItem(list, (item) => keyOf(item, part) === key, value),
    );
  }
  return Object.assign({}, ...[...lists].map(([part, list]) => listPatch(placement, part, list))) as Record<
    string,
    unknown
  >;
}

/** The list with its first item of that key replaced in place, removed, or a new one added at the end. */
function withItem(
  list: readonly unknown[],
  isMeant: (item: unknown) => boolean,
  value: FieldValue,
): readonly unknown[] {
  const place = list.findIndex(isMeant);
  const item: unknown[] = value === null ? [] : [JSON.parse(String(value))];
  return place < 0 ? [...list, ...item] : [...list.slice(0, place), ...item, ...list.slice(place + 1)];
}

/** Lists are written whole: tolerations and preferences are atomic, constraints would otherwise merge by key. */
function listPatch(
  placement: PodPlacement,
  part: PlacementPart,
  list: readonly unknown[],
): Record<string, unknown> {
  const empty = list.length === 0;
  if (part === 'toleration') return { tolerations: empty ? null : list };
  if (part === 'spread') {
    return { topologySpreadConstraints: empty ? null : [{ $patch: 'replace' }, ...list] };
  }
  return { affinity: empty ? withoutPreferences(placement) : { nodeAffinity: { [PREFERRED]: list } } };
}

/** No empty object is left behind where nothing else was in it: the template becomes what it was. */
function withoutPreferences({ affinity = {} }: PodPlacement): unknown {
  const { nodeAffinity, ...others } = affinity;
  const keepsNode = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
  if (keepsNode) return { nodeAffinity: { [PREFERRED]: null } };
  return Object.keys(others).length > 0 ? { nodeAffinity: null } : null;
}

/** Merging and ordering of lists in strategic merge patches. */
import { type JsonObject, isList, isObject } from '../json/json.ts';
import { goText } from '../json/print.ts';
import { PatchError } from './patch-error.ts';

/** The field that says what a map in a patch does. */
export const DIRECTIVE = '$patch';

/** How a list field takes a patch. */
export interface ListField {
  readonly name: string;
  /** Otherwise the patch replaces the list. */
  readonly isMerged: boolean;
  /** The field that tells maps apart; absent for lists of scalars. */
  readonly mergeKey: string | undefined;
  readonly mergeItem: (item: JsonObject, change: JsonObject) => JsonObject;
}

/** The value without directives; undefined where it is nothing but one. */
export function withoutDirectives(value: unknown): unknown {
  if (isList(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (value[DIRECTIVE] === 'delete' || value[DIRECTIVE] === 'replace') return undefined;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name.startsWith('$') || field === null) continue;
    const clean = withoutDirectives(field);
    if (clean !== undefined) kept[name] = clean;
  }
  return kept;
}

/** The list after the patch. */
export function mergeList(
  field: ListField,
  present: readonly unknown[],
  change: readonly unknown[],
): readonly unknown[] {
  if (!field.isMerged) return change.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(present[0] ?? change[0])) return mergeScalars(present, change);
  if (field.mergeKey === undefined)
    throw new PatchError(`cannot merge lists without merge key for ${field.name}`);
  return mergeMaps({ ...field, mergeKey: field.mergeKey }, present.filter(isObject), change.filter(isObject));
}

function mergeScalars(present: readonly unknown[], change: readonly unknown[]): readonly unknown[] {
  const merged = [...new Set([...present, ...change])];
  return orderedBy(merged, { order: change, before: present, mergeKey: undefined });
}

interface MapListField extends ListField {
  readonly mergeKey: string;
}

function mergeMaps(
  field: MapListField,
  present: readonly JsonObject[],
  change: readonly JsonObject[],
): readonly unknown[] {
  const { mergeKey } = field;
  const additions = change.filter((item) => item[DIRECTIVE] === undefined);
  if (change.some((item) => item[DIRECTIVE] === 'replace')) return additions;
  const deleted = change.filter((item) => item[DIRECTIVE] === 'delete').map((item) => keyOf(item, mergeKey));
  const merged: JsonObject[] = present.filter((item) => !deleted.includes(item[mergeKey]));
  for (const item of additions) {
    const key = keyOf(item, mergeKey);
    const index = merged.findIndex((candidate) => candidate[mergeKey] === key);
    const known = merged[index];
    if (known === undefined) merged.push(withoutDirectives(item) as JsonObject);
    else merged[index] = field.mergeItem(known, item);
  }
  return orderedBy(merged, { order: additions, before: present, mergeKey });
}

function keyOf(item: JsonObject, mergeKey: string): unknown {
  const key = item[mergeKey];
  if (key === undefined) {
    throw new PatchError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return key;
}

interface Ordering {
  /** The order of the items that it names. */
  readonly order: readonly unknown[];
  /** The list before the patch: the order of all others. */
  readonly before: readonly unknown[];
  readonly mergeKey: string | undefined;
}

/**
 * Items that the order names come in that order, the others in their old one; where both lists go on, the item that
 * stood further ahead before comes first, and one that is new comes before all that are left.
 */
export function orderedBy(
  items: readonly unknown[],
  { order, before, mergeKey }: Ordering,
): readonly unknown[] {
  const identity = (item: unknown): unknown =>
    mergeKey === undefined || !isObject(item) ? item : item[mergeKey];
  const orderIds = order.map(identity);
  const oldIds = before.map(identity);
  const byPosition = (ids: readonly unknown[]) => (a: unknown, b: unknown) =>
    ids.indexOf(identity(a)) - ids.indexOf(identity(b));
  const named = items.filter((item) => orderIds.includes(identity(item))).sort(byPosition(orderIds));
  const others = items.filter((item) => !orderIds.includes(identity(item))).sort(byPosition(oldIds));
  const result: unknown[] = [];
  while (named.length > 0 || others.length > 0) {
    const [left] = others;
    const [right] = named;
    const isOtherNext =
      named.length === 0 || (others.length > 0 && stoodAhead(oldIds, identity(left), identity(right)));
    result.push(isOtherNext ? others.shift() : named.shift());
  }
  return result;
}

function stoodAhead(oldIds: readonly unknown[], a: unknown, b: unknown): boolean {
  const first = oldIds.indexOf(a);
  const second = oldIds.indexOf(b);
  return first >= 0 && second >= 0 && first < second;
}

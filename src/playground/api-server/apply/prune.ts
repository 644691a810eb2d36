/** Removal of what an applier applied last time and does not apply any more. */
import type { JsonObject } from '../json/json.ts';
import { isEmptyObject } from '../json/json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { type FieldSet, EMPTY_SET, difference, intersection, union } from './field-set.ts';
import type { Managers } from './managers.ts';
import { fieldsOf, withNamedFields, withoutFields } from './owned-fields.ts';

export interface PruneInput {
  readonly merged: JsonObject;
  /** All managers, the applier's new claim included. */
  readonly managers: Managers;
  /** What the applier owned before. */
  readonly last: FieldSet;
}

/**
 * The merged object without every field and item that the applier owned, does not claim any more and nobody else
 * owns.
 */
export function prune(node: SchemaNode, input: PruneInput): JsonObject {
  const { merged, last } = input;
  if (isEmptyObject(last)) return merged;
  const named = (set: FieldSet): FieldSet => withNamedFields(node, set);
  const remove = (fields: FieldSet): JsonObject => withoutFields(node, merged, fields) as JsonObject;
  const all = named(fieldsOf(node, merged));
  const owned = [...input.managers.values()].reduce((set, { fields }) => union(set, fields), EMPTY_SET);
  // 1. Take away all that was applied last time.
  const bare = remove(named(last));
  // 2. Bring back what anyone owns.
  const kept = remove(difference(all, union(named(fieldsOf(node, bare)), named(owned))));
  // 3. Bring back what hung below a removed part without ever having been the applier's.
  return remove(intersection(difference(all, named(fieldsOf(node, kept))), named(last)));
}

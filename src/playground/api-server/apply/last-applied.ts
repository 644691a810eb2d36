/**
 * The way from client-side to server-side apply: what `kubectl apply` noted in its annotation belongs to kubectl, and the
 * annotation is kept up to date as long as it is there.
 */
import { isObject, textAt, type JsonObject, objectAt } from '../json/json.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { type ApiObject, withoutMeta } from '../storage/api-object.ts';
import type { FieldConflict } from './apply-conflict.ts';
import { compare } from './compare.ts';
import { type FieldSet, EMPTY_SET, difference } from './field-set.ts';
import { fieldsOf } from './owned-fields.ts';
import { isEmptyObject } from '../json/json.ts';
import { stableText } from '../json/stable-text.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const KUBECTL = 'kubectl';

export interface KubectlApply {
  readonly live: ApiObject;
  readonly applied: JsonObject;
  readonly name: string;
}

/** The conflicts that are left: kubectl may take what its client-side applies set and nobody changed since. */
export function yieldToLastApplied(
  node: SchemaNode,
  { live, name }: KubectlApply,
  conflicts: readonly FieldConflict[],
): readonly FieldConflict[] {
  if (name !== KUBECTL || conflicts.length === 0) return conflicts;
  const allowed = unchangedSinceLastApplied(node, live);
  return conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptyObject(fields));
}

function unchangedSinceLastApplied(node: SchemaNode, live: ApiObject): FieldSet {
  const noted = parse(live.metadata.annotations?.[LAST_APPLIED]);
  if (noted === undefined || noted['apiVersion'] !== live.apiVersion) return EMPTY_SET;
  const { added, modified, removed } = compare(node, noted, withoutMeta(live, 'managedFields'));
  return [modified, added, removed].reduce((set, changed) => difference(set, changed), fieldsOf(node, noted));
}

function parse(text: string | undefined): JsonObject | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The applied object with the annotation of kubectl brought up to date, where it has one. */
export function withLastApplied({ applied, name }: KubectlApply, object: JsonObject): JsonObject {
  if (name !== KUBECTL || textAt(object, 'metadata', 'annotations', LAST_APPLIED) === '') return object;
  const { [LAST_APPLIED]: _noted, ...annotations } = objectAt(applied, 'metadata', 'annotations');
  const { annotations: _all, ...others } = objectAt(applied, 'metadata');
  const metadata = isEmptyObject(annotations) ? others : { ...others, annotations };
  const text = `${stableText({ ...applied, metadata })}\n`;
  const kept = { ...objectAt(object, 'metadata', 'annotations'), [LAST_APPLIED]: text };
  return { ...object, metadata: { ...objectAt(object, 'metadata'), annotations: kept } };
}

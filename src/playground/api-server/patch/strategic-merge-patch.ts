/**
 * Strategic merge patches, after k8s.io/apimachinery/pkg/util/strategicpatch: like a merge patch, but lists whose schema
 * names a merge key are merged item by item, and directives replace, delete, retain and order. The document is not
 * changed.
 */
import { type JsonObject, asObject, isList, isObject, without } from '../json/json.ts';
import { ANY_NODE, type SchemaField, type SchemaNode, childNode } from '../schema/schema-node.ts';
import { DIRECTIVE, type ListField, mergeList, orderedBy, withoutDirectives } from './patch-list.ts';
import { PatchError } from './patch-error.ts';

const RETAIN_KEYS = '$retainKeys';
const ORDER_PREFIX = '$setElementOrder/';
const DELETE_PREFIX = '$deleteFromPrimitiveList/';

/** The document after the patch. Throws PatchError where the patch does not fit the schema. */
export function applyStrategicMergePatch(
  node: SchemaNode,
  document: JsonObject,
  patch: JsonObject,
): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === undefined || directive === 'merge') return mergeFields(node, document, patch);
  if (directive === 'replace') return without(patch, DIRECTIVE);
  if (directive === 'delete') return {};
  throw new PatchError(`unknown patch type: ${JSON.stringify(directive)}`);
}

function mergeFields(node: SchemaNode, document: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...retained(document, patch) };
  for (const name of Object.keys(patch)) {
    if (name === DIRECTIVE || name === RETAIN_KEYS) continue;
    if (name.startsWith(DELETE_PREFIX))
      deletePrimitives(result, name.slice(DELETE_PREFIX.length), patch[name]);
    else if (name.startsWith(ORDER_PREFIX))
      setOrder(result, { node, patch, name: name.slice(ORDER_PREFIX.length) });
    else if (patch[`${ORDER_PREFIX}${name}`] === undefined) setField(result, { node, patch, name });
  }
  return result;
}

/** The document with only the fields that `$retainKeys` names. */
function retained(document: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return document;
  if (!isList(keys)) throw new PatchError('invalid patch format of retainKeys');
  const stray = Object.keys(patch).some(
    (name) => !name.startsWith('$') && patch[name] !== null && !keys.includes(name),
  );
  if (stray) throw new PatchError('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(document).filter(([name]) => keys.includes(name)));
}

interface FieldPatch {
  readonly node: SchemaNode;
  readonly patch: JsonObject;
  readonly name: string;
}

function fieldOf(node: SchemaNode, name: string): SchemaField | undefined {
  return node.fields.get(name);
}

function listFieldOf(node: SchemaNode, name: string): ListField {
  const field = fieldOf(node, name);
  const list = childNode(node, name) ?? ANY_NODE;
  return {
    name,
    isMerged: field?.patchStrategies.includes('merge') === true,
    mergeKey: field?.patchMergeKey,
    mergeItem: (item, change) => applyStrategicMergePatch(list.element ?? ANY_NODE, item, change),
  };
}

function deletePrimitives(result: Record<string, unknown>, name: string, values: unknown): void {
  const list = result[name];
  if (!isList(list) || !isList(values)) return;
  result[name] = list.filter((item) => !values.includes(item));
}

/** Merges the list of the patch, if any, then puts the items in the order that the patch states. */
function setOrder(result: Record<string, unknown>, change: FieldPatch): void {
  const { node, patch, name } = change;
  const order = patch[`${ORDER_PREFIX}${name}`];
  if (!isList(order)) throw new PatchError('invalid patch format of setElementOrder list');
  const before = result[name];
  setField(result, change);
  const merged = result[name];
  if (!isList(merged)) return;
  const { mergeKey } = listFieldOf(node, name);
  result[name] = orderedBy(merged, { order, before: isList(before) ? before : [], mergeKey });
}

function setField(result: Record<string, unknown>, { node, patch, name }: FieldPatch): void {
  const value = patch[name];
  if (value === undefined) return;
  if (value === null) {
    Reflect.deleteProperty(result, name);
    return;
  }
  const present = result[name];
  if (isObject(present) && isObject(value)) result[name] = mergedObject({ node, name, present, value });
  else if (isList(present) && isList(value))
    result[name] = mergeList(listFieldOf(node, name), present, value);
  else setNew(result, name, value);
}

/** A field that the document does not have, or has as another type. */
function setNew(result: Record<string, unknown>, name: string, value: unknown): void {
  const clean = withoutDirectives(value);
  if (clean === undefined) Reflect.deleteProperty(result, name);
  else result[name] = clean;
}

interface ObjectMerge {
  readonly node: SchemaNode;
  readonly name: string;
  readonly present: JsonObject;
  readonly value: JsonObject;
}

function mergedObject({ node, name, present, value }: ObjectMerge): JsonObject {
  if (fieldOf(node, name)?.patchStrategies.includes('replace') === true) return value;
  return applyStrategicMergePatch(childNode(node, name) ?? ANY_NODE, asObject(present), value);
}

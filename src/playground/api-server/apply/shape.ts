/** What a value is to server-side apply: a leaf, a map of fields, or a list of told-apart items. */
import { isList, isObject } from '../json/json.ts';
import { type SchemaNode, isScalar } from '../schema/schema-node.ts';

export type Shape = 'leaf' | 'map' | 'list';

/** The shape that the schema gives; a node that holds anything takes that of the value. */
export function shapeOf(node: SchemaNode, value: unknown): Shape {
  if (node.atomic || isScalar(node)) return 'leaf';
  if (node.kind === 'list') return 'list';
  if (node.kind === 'any') return isObject(value) ? 'map' : 'leaf';
  return 'map';
}

/** No fields, no items, or null. */
export function isHollow(value: unknown): boolean {
  if (isList(value)) return value.length === 0;
  if (!isObject(value)) return value === undefined || value === null;
  for (const name in value) if (value[name] !== undefined) return false;
  return true;
}

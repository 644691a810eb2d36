/** The fields that an object sets, and an object without some fields. */
import { type JsonObject, asList, asObject, isObject } from '../json/json.ts';
import { ANY_NODE, type SchemaNode, childNode } from '../schema/schema-node.ts';
import { type FieldSet, FieldSetBuilder, below, elementsOf, hasBelow, isMember } from './field-set.ts';
import { fieldElement, itemElement } from './path-element.ts';
import { shapeOf } from './shape.ts';

/** Every leaf and every item that the object mentions. */
export function fieldsOf(node: SchemaNode, object: unknown): FieldSet {
  const builder = new FieldSetBuilder();
  collect(node, object, { path: [], builder });
  return builder.build();
}

interface Collection {
  readonly path: string[];
  readonly builder: FieldSetBuilder;
}

function collect(node: SchemaNode, value: unknown, into: Collection): void {
  const shape = shapeOf(node, value);
  if (shape === 'leaf') into.builder.insert(into.path);
  else if (shape === 'map') collectFields(node, asObject(value), into);
  else collectItems(node, asList(value), into);
}

function collectFields(node: SchemaNode, object: JsonObject, into: Collection): void {
  for (const name in object) {
    const value = object[name];
    if (value === undefined) continue;
    into.path.push(fieldElement(name));
    collect(childNode(node, name) ?? ANY_NODE, value, into);
    const isEmpty = value === null || (isObject(value) && Object.keys(value).length === 0);
    if (isEmpty || !node.fields.has(name)) into.builder.insert(into.path);
    into.path.pop();
  }
}

function collectItems(node: SchemaNode, items: readonly unknown[], into: Collection): void {
  const seen = new Map<string, number>();
  const elements = items.map((item) => itemElement(node, item));
  for (const element of elements) if (element !== undefined) seen.set(element, (seen.get(element) ?? 0) + 1);
  for (const [index, element] of elements.entries()) {
    if (element === undefined) continue;
    into.path.push(element);
    if (seen.get(element) === 1) collect(node.element ?? ANY_NODE, items[index], into);
    into.builder.insert(into.path);
    into.path.pop();
  }
}

/** The set with the named fields on the way to its members added: to own `a.b` of a struct is to own `a`. */
export function withNamedFields(node: SchemaNode, set: FieldSet): FieldSet {
  const result: Record<string, unknown> = {};
  for (const element of elementsOf(set)) {
    const child = elementNode(node, element);
    const inner = withNamedFields(child, below(set, element));
    const isNamed = element.startsWith('f:') && node.fields.has(element.slice(2));
    const member = isMember(set[element]) || (isNamed && hasBelow(set, element));
    result[element] = member && elementsOf(inner).length > 0 ? { '.': {}, ...inner } : inner;
  }
  return result;
}

function elementNode(node: SchemaNode, element: string): SchemaNode {
  const child = element.startsWith('f:') ? childNode(node, element.slice(2)) : node.element;
  return child ?? ANY_NODE;
}

/** The value without the fields and items of the set; undefined where nothing is left of it. */
export function withoutFields(node: SchemaNode, value: unknown, removed: FieldSet): unknown {
  const shape = shapeOf(node, value);
  // An atomic value that is asked for parts is gone as a whole; a plain scalar has no parts.
  if (shape === 'leaf') return isScalarValue(value) ? value : undefined;
  return shape === 'map'
    ? removeFields(node, asObject(value), removed)
    : removeItems(node, asList(value), removed);
}

function isScalarValue(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

function removeFields(node: SchemaNode, object: JsonObject, removed: FieldSet): JsonObject | undefined {
  const kept: Record<string, unknown> = {};
  let isEmpty = true;
  for (const name in object) {
    const element = fieldElement(name);
    if (isMember(removed[element])) continue;
    const value = object[name];
    const child = childNode(node, name) ?? ANY_NODE;
    kept[name] = hasBelow(removed, element)
      ? (withoutFields(child, value, below(removed, element)) ?? null)
      : value;
    isEmpty = false;
  }
  return isEmpty ? undefined : kept;
}

function removeItems(
  node: SchemaNode,
  items: readonly unknown[],
  removed: FieldSet,
): readonly unknown[] | undefined {
  const kept: unknown[] = [];
  for (const item of items) {
    const element = itemElement(node, item);
    if (element === undefined || removed[element] === undefined) kept.push(item);
    else if (!isMember(removed[element])) {
      kept.push(withoutFields(node.element ?? ANY_NODE, item, below(removed, element)) ?? null);
    }
  }
  return kept.length === 0 ? undefined : kept;
}

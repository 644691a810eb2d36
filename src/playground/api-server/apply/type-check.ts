/** Whether an applied configuration fits the schema: its fields are known and of the right type. */
import { isList, isObject } from '../json/json.ts';
import { type SchemaNode, childNode } from '../schema/schema-node.ts';
import { fieldElement, fieldPathText, itemElement } from './path-element.ts';

/** What does not fit, as `.spec.replicas: expected numeric (int or float), got string`. */
export function typeErrors(node: SchemaNode, value: unknown): readonly string[] {
  return check(node, value, []);
}

function check(node: SchemaNode, value: unknown, path: readonly string[]): readonly string[] {
  if (value === null || value === undefined || node.kind === 'any') return [];
  switch (node.kind) {
    case 'struct':
    case 'map':
      return checkFields(node, value, path);
    case 'list':
      return checkItems(node, value, path);
    default:
      return fits(node.kind, value)
        ? []
        : [`${fieldPathText(path)}: expected ${wanted(node.kind)}, got ${shown(value)}`];
  }
}

function checkFields(node: SchemaNode, value: unknown, path: readonly string[]): readonly string[] {
  if (!isObject(value)) return [`${fieldPathText(path)}: expected map, got ${shown(value)}`];
  return Object.keys(value).flatMap((name) => {
    const inner = [...path, fieldElement(name)];
    const child = childNode(node, name);
    return child === undefined
      ? [`${fieldPathText(inner)}: field not declared in schema`]
      : check(child, value[name], inner);
  });
}

function checkItems(node: SchemaNode, value: unknown, path: readonly string[]): readonly string[] {
  if (!isList(value)) return [`${fieldPathText(path)}: expected list, got ${shown(value)}`];
  const { element } = node;
  if (element === undefined) return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const step = node.atomic ? `i:${index}` : itemElement(node, item);
    if (step === undefined) return [`${fieldPathText(path)}: element ${index}: ${missingKeys(node)}`];
    if (seen.has(step)) return [`${fieldPathText(path)}: duplicate entries for key ${fieldPathText([step])}`];
    seen.add(step);
    return check(element, item, [...path, step]);
  });
}

function missingKeys(node: SchemaNode): string {
  const keys = `[${node.listMapKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
  return `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`;
}

function fits(kind: SchemaNode['kind'], value: unknown): boolean {
  if (kind === 'integer' || kind === 'number') return typeof value === 'number';
  if (kind === 'boolean') return typeof value === 'boolean';
  if (kind === 'quantity' || kind === 'amount' || kind === 'intOrString') return typeof value !== 'object';
  return typeof value === 'string';
}

function wanted(kind: SchemaNode['kind']): string {
  if (kind === 'integer' || kind === 'number') return 'numeric (int or float)';
  return kind === 'boolean' ? 'boolean' : 'string';
}

/** The value as Go's libraries print it in errors. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  return `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
}

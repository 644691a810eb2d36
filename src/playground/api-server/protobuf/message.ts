/** Turns protobuf messages of the built-in kinds into the JSON of the same objects, by the schema's field numbers. */
import type { JsonObject } from '../json/json.ts';
import type { SchemaField, SchemaNode } from '../schema/schema-node.ts';
import { ProtobufError, type WireValue, bytesOf, readFields } from './wire-reader.ts';
import { readSpecial } from './special-types.ts';

/** Field numbers of a message; those of a struct that Go inlines lead to numbers of its own. */
type Numbers = ReadonlyMap<number, SchemaField | Numbers>;

const numbersOfNodes = new WeakMap<SchemaNode, Numbers>();

/** The object in a message. Fields that Go does not tell apart from absent ones are left out while they are zero. */
export function readMessage(node: SchemaNode, message: Uint8Array): JsonObject {
  const object: Record<string, unknown> = {};
  readInto(object, numbersOf(node), message);
  return object;
}

function readInto(object: Record<string, unknown>, numbers: Numbers, message: Uint8Array): void {
  for (const { number, value } of readFields(message)) {
    const target = numbers.get(number);
    if (target === undefined) continue;
    if (target instanceof Map) readInto(object, target as Numbers, bytesOf(value));
    else addField(object, target as SchemaField, value);
  }
}

function addField(object: Record<string, unknown>, field: SchemaField, value: WireValue): void {
  const { name, node, keepZero } = field;
  if (node.kind === 'list') {
    const items = (object[name] ??= []) as unknown[];
    items.push(readValue(elementOf(node), value));
  } else if (node.kind === 'map') {
    const entries = (object[name] ??= {}) as Record<string, unknown>;
    const [key, entry] = readEntry(elementOf(node), bytesOf(value));
    entries[key] = entry;
  } else {
    const read = readValue(node, value);
    if (keepZero || !isZero(read)) object[name] = read;
  }
}

function readEntry(node: SchemaNode, message: Uint8Array): readonly [string, unknown] {
  let key = '';
  let entry: unknown;
  for (const { number, value } of readFields(message)) {
    if (number === 1) key = textOf(value);
    else entry = readMapValue(node, value);
  }
  return [key, entry ?? emptyOf(node)];
}

/** A list as a map's value is a message with the list in its first field. */
function readMapValue(node: SchemaNode, value: WireValue): unknown {
  if (node.kind !== 'list') return readValue(node, value);
  return readFields(bytesOf(value)).map((field) => readValue(elementOf(node), field.value));
}

function emptyOf(node: SchemaNode): unknown {
  if (node.kind === 'list') return [];
  return readValue(node, node.kind === 'boolean' || node.kind === 'integer' ? 0n : new Uint8Array());
}

function readValue(node: SchemaNode, value: WireValue): unknown {
  switch (node.kind) {
    case 'struct':
      return readMessage(node, bytesOf(value));
    case 'boolean':
      return value !== 0n;
    case 'integer':
    case 'number':
      return Number(value);
    case 'string':
      return textOf(value);
    case 'bytes':
      return Buffer.from(bytesOf(value)).toString('base64');
    default:
      return readSpecial(node, bytesOf(value));
  }
}

function textOf(value: WireValue): string {
  return Buffer.from(bytesOf(value)).toString('utf8');
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function elementOf(node: SchemaNode): SchemaNode {
  if (node.element === undefined) throw new ProtobufError(`the items of ${node.goType} are not known`);
  return node.element;
}

function numbersOf(node: SchemaNode): Numbers {
  const known = numbersOfNodes.get(node);
  if (known !== undefined) return known;
  const numbers = new Map<number, SchemaField | Numbers>();
  for (const field of node.fields.values()) place(numbers, field, field.protobuf);
  numbersOfNodes.set(node, numbers);
  return numbers;
}

function place(
  numbers: Map<number, SchemaField | Numbers>,
  field: SchemaField,
  path: readonly number[],
): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) {
    numbers.set(first, field);
    return;
  }
  const known = numbers.get(first);
  const inner = new Map<number, SchemaField | Numbers>(known instanceof Map ? (known as Numbers) : []);
  numbers.set(first, inner);
  place(inner, field, rest);
}

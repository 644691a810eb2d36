/**
 * Reads a body as a built-in kind, the way the API server's Go types do: unknown fields are dropped and reported,
 * values of the wrong type are refused, quantities, times and bytes become canonical, what Go leaves out when it is
 * empty is left out, and defaults are set. Parts that are the very ones of the previous object are taken over unread.
 */
import { type JsonObject, EMPTY_OBJECT, isList, isObject, isPresent } from '../json/json.ts';
import type { SchemaField, SchemaNode } from '../schema/schema-node.ts';
import { DecodeError, type PathStep, goKindOf, goPathText, pathText } from './decode-error.ts';
import {
  decodeBytes,
  decodeMicroTime,
  decodeQuantity,
  decodeResourceAmount,
  decodeTime,
  fitsInteger,
} from './scalars.ts';

type Draft = Record<string, unknown>;

/** Sets what is missing in a freshly read struct. Only its own fields may be set; parts are never changed in place. */
export type DefaultRule = (draft: Draft) => void;

/** By definition name. */
export type DefaultRules = ReadonlyMap<string, DefaultRule>;

export interface Decoded {
  readonly value: JsonObject;
  /** Paths of fields that the kind does not have. */
  readonly unknownFields: readonly string[];
}

/** Go names the struct whose field is wrong: the one read most recently. */
interface Reading {
  readonly path: PathStep[];
  readonly unknownFields: string[];
  struct: string;
}

export class Decoder {
  readonly #defaults: DefaultRules;
  readonly #zeroStructs = new Map<SchemaNode, JsonObject>();

  constructor(defaults: DefaultRules) {
    this.#defaults = defaults;
  }

  /** Reads a whole object. `previous` is the stored one that `value` was made from, if any. */
  decode(node: SchemaNode, value: JsonObject, previous?: JsonObject): Decoded {
    const reading: Reading = { path: [], unknownFields: [], struct: '' };
    const decoded = this.#struct({ node, value, previous }, reading);
    return { value: decoded, unknownFields: reading.unknownFields };
  }

  #struct(part: Part, reading: Reading): JsonObject {
    const { node, value, previous } = part;
    if (value === previous) return previous as JsonObject;
    if (!isObject(value)) throw mismatch(value, node, reading);
    const draft: Draft = {};
    const outer = reading.struct;
    reading.struct = node.goType.slice(node.goType.lastIndexOf('.') + 1);
    for (const name in value) this.#readField(draft, { node, value, previous, name }, reading);
    reading.struct = outer;
    this.#complete(draft, node);
    return draft;
  }

  #readField(draft: Draft, part: Part & { readonly name: string }, reading: Reading): void {
    const { node, name } = part;
    const value = (part.value as JsonObject)[name];
    if (value === undefined) return;
    const field = node.fields.get(name);
    reading.path.push(name);
    if (field === undefined) reading.unknownFields.push(pathText(reading.path));
    else if (value !== null) {
      const previous = isObject(part.previous) ? part.previous[name] : undefined;
      const read = this.#value({ node: field.node, value, previous }, reading);
      if (read !== undefined && (keepsZero(field) || !isZeroScalar(read))) draft[name] = read;
    }
    reading.path.pop();
  }

  /** Adds what Go prints for absent fields, then the defaults. */
  #complete(draft: Draft, node: SchemaNode): void {
    for (const field of node.fields.values()) {
      if (draft[field.name] !== undefined) continue;
      if (field.defaultValue !== undefined) draft[field.name] = field.defaultValue;
      else if (field.zero !== undefined) draft[field.name] = this.#zero(field);
    }
    this.#defaults.get(node.definition)?.(draft);
  }

  #zero(field: SchemaField): unknown {
    if (!isObject(field.zero) || field.node.kind !== 'struct') return field.zero;
    const known = this.#zeroStructs.get(field.node);
    if (known !== undefined) return known;
    const draft: Draft = {};
    this.#complete(draft, field.node);
    this.#zeroStructs.set(field.node, draft);
    return draft;
  }

  #value(part: Part, reading: Reading): unknown {
    const { node, value } = part;
    switch (node.kind) {
      case 'struct':
        return this.#struct(part, reading);
      case 'map':
        return this.#map(part, reading);
      case 'list':
        return this.#list(part, reading);
      case 'any':
        return value;
      default:
        return scalar(node, value, reading);
    }
  }

  #map(part: Part, reading: Reading): JsonObject | undefined {
    const { node, value, previous } = part;
    if (!isObject(value)) throw mismatch(value, node, reading);
    const element = node.element;
    if (element === undefined || value === previous) return value;
    const read: Draft = {};
    let empty = true;
    for (const key in value) {
      const before = isObject(previous) ? previous[key] : undefined;
      read[key] = this.#element({ node: element, value: value[key], previous: before }, { key }, reading);
      empty = false;
    }
    return empty ? undefined : read;
  }

  #list(part: Part, reading: Reading): readonly unknown[] | undefined {
    const { node, value, previous } = part;
    if (!isList(value)) throw mismatch(value, node, reading);
    const element = node.element;
    if (element === undefined || value === previous) return value;
    if (value.length === 0) return undefined;
    const before = isList(previous) ? previous : [];
    return value.map((item, index) =>
      this.#element({ node: element, value: item, previous: before[index] }, index, reading),
    );
  }

  #element(part: Part, step: PathStep, reading: Reading): unknown {
    reading.path.push(step);
    const read = isPresent(part.value) ? this.#value(part, reading) : this.#zeroElement(part.node);
    reading.path.pop();
    return read ?? this.#zeroElement(part.node);
  }

  /** An item that is null or empty. */
  #zeroElement(node: SchemaNode): unknown {
    if (node.kind === 'struct') return this.#zero({ ...ZERO_FIELD, node });
    if (node.kind === 'list') return [];
    return ZEROS[node.kind] ?? null;
  }
}

interface Part {
  readonly node: SchemaNode;
  readonly value: unknown;
  /** The part of the previous object in the same place. */
  readonly previous: unknown;
}

const ZERO_FIELD = {
  name: '',
  zero: EMPTY_OBJECT,
  keepZero: false,
  defaultValue: undefined,
  patchStrategies: [],
  patchMergeKey: undefined,
  protobuf: [],
};

const ZEROS: Readonly<Record<string, unknown>> = {
  string: '',
  bytes: '',
  integer: 0,
  number: 0,
  boolean: false,
  quantity: '0',
  amount: '0',
  intOrString: 0,
  map: EMPTY_OBJECT,
};

/** JSON that the server does not look into, such as the default of a schema, stays what it is. */
function keepsZero({ keepZero, zero, node }: SchemaField): boolean {
  return keepZero || zero !== undefined || node.kind === 'any';
}

function isZeroScalar(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function scalar(node: SchemaNode, value: unknown, reading: Reading): unknown {
  switch (node.kind) {
    case 'quantity':
      return decodeQuantity(value);
    case 'amount':
      return decodeResourceAmount(value);
    case 'time':
      return decodeTime(value);
    case 'microTime':
      return decodeMicroTime(value);
    case 'bytes':
      if (typeof value === 'string') return decodeBytes(value);
      break;
    default:
      if (fits(node, value)) return value;
  }
  throw mismatch(value, node, reading);
}

function fits(node: SchemaNode, value: unknown): boolean {
  switch (node.kind) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && fitsInteger(value, node.format);
    case 'number':
      return typeof value === 'number';
    default:
      return typeof value === 'string' || (typeof value === 'number' && fitsInteger(value, 'int32'));
  }
}

function mismatch(value: unknown, node: SchemaNode, reading: Reading): DecodeError {
  const number = typeof value === 'number' && node.kind === 'integer' ? ` ${value}` : '';
  const target = `${reading.struct}.${goPathText(reading.path)}`;
  return new DecodeError(
    `json: cannot unmarshal ${goKindOf(value)}${number} into Go struct field ${target} of type ${node.goType}`,
  );
}

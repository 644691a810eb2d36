/**
 * Turns a TypeBox (JSON Schema) schema into the structural schema that a CustomResourceDefinition carries. The two
 * languages differ; what Kubernetes cannot express is refused here, at build time, with its place, instead of being
 * dropped.
 */
import { KcError } from '#errors/kc-error.ts';
import { checkListType } from './list-type.ts';
import type { StructuralSchema } from './schema-shape.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that mean the same in both languages. */
const SHARED: ReadonlySet<string> = new Set([
  'title', 'description', 'default', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum',
  'multipleOf', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'nullable', 'example',
]); // prettier-ignore

/** Keywords that `translate` and its helpers turn into something else. */
const TRANSLATED: ReadonlySet<string> = new Set([
  'type', 'enum', 'const', 'anyOf', 'properties', 'required', 'additionalProperties', 'patternProperties', 'items',
  'exclusiveMinimum', 'exclusiveMaximum',
]); // prettier-ignore

/** What TypeBox writes for a record with any text as key. */
const ANY_KEY = '^.*$';

/** Translates one schema. `path` says where it stands. Throws KC_SCHEMA_UNSUPPORTED. */
export function structuralSchema(schema: unknown, path: string): StructuralSchema {
  if (!isSchema(schema)) throw unsupported(path, 'is not a schema');
  const shared = sharedKeywords(schema, path);
  const translated = { ...shared, ...exclusiveBounds(schema), ...shapeOf(schema, path) };
  checkListType(translated, path);
  return translated;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sharedKeywords(schema: Schema, path: string): Schema {
  const kept = Object.entries(schema).filter(([keyword]) => !TRANSLATED.has(keyword));
  for (const [keyword] of kept) {
    if (!SHARED.has(keyword) && !keyword.startsWith('x-kubernetes-')) {
      throw unsupported(path, `has "${keyword}", which a structural schema cannot express`);
    }
  }
  return Object.fromEntries(kept);
}

/** JSON Schema gives the exclusive bound itself; OpenAPI 3.0 gives the bound and a flag. */
function exclusiveBounds(schema: Schema): Schema {
  return {
    ...(schema['exclusiveMinimum'] === undefined
      ? {}
      : { minimum: schema['exclusiveMinimum'], exclusiveMinimum: true }),
    ...(schema['exclusiveMaximum'] === undefined
      ? {}
      : { maximum: schema['exclusiveMaximum'], exclusiveMaximum: true }),
  };
}

/** The part of a schema that says what kind of value it describes. */
function shapeOf(schema: Schema, path: string): Schema {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { anyOf: [{ type: 'integer' }, { type: 'string' }] };
  if ('const' in schema) return enumShape([schema['const']], path);
  if (Array.isArray(schema['enum'])) return enumShape(schema['enum'], path);
  if (Array.isArray(schema['anyOf'])) return unionShape(schema['anyOf'], path);
  return typedShape(schema, path);
}

const SCALARS: ReadonlySet<unknown> = new Set(['string', 'integer', 'number', 'boolean']);

function typedShape(schema: Schema, path: string): Schema {
  const { type } = schema;
  if (type === 'object') return { type, ...objectShape(schema, path) };
  if (type === 'array') return { type, items: itemShape(schema['items'], path) };
  return SCALARS.has(type) ? { type } : untypedShape(schema, path);
}

function untypedShape(schema: Schema, path: string): Schema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return {};
  const type =
    schema['type'] === undefined ? 'has no type' : `has the type ${JSON.stringify(schema['type'])}`;
  throw unsupported(path, type);
}

function enumShape(values: readonly unknown[], path: string): Schema {
  const types = new Set(values.map(typeOfValue));
  const [type] = types;
  if (types.size !== 1 || type === undefined)
    throw unsupported(path, 'is a choice between values of different types');
  return { type, enum: values };
}

function typeOfValue(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined;
}

/** A union is expressible where it is one of: a choice of literals, something or null, an integer or a text. */
function unionShape(members: readonly unknown[], path: string): Schema {
  const schemas = members.filter(isSchema);
  const some = schemas.filter((member) => member['type'] !== 'null');
  const nullable = some.length < schemas.length ? { nullable: true } : {};
  const [first] = some;
  if (some.length === 1 && first !== undefined) return { ...structuralSchema(first, path), ...nullable };
  if (some.every((member) => 'const' in member)) {
    return { ...enumShape(some.map((member) => member['const']), path), ...nullable }; // prettier-ignore
  }
  const types = some.map((member) => member['type']).sort();
  if (types.length === 2 && types[0] === 'integer' && types[1] === 'string') {
    return {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      ...nullable,
    };
  }
  throw unsupported(path, 'is a union of different shapes');
}

function objectShape(schema: Schema, path: string): Schema {
  const values = valueSchema(schema, path);
  const properties = isSchema(schema['properties']) ? Object.entries(schema['properties']) : [];
  if (values !== undefined && properties.length > 0)
    throw unsupported(path, 'has both named and free members');
  if (values !== undefined) return { additionalProperties: structuralSchema(values, `${path}.*`) };
  if (properties.length === 0) return {};
  const required =
    Array.isArray(schema['required']) && schema['required'].length > 0
      ? { required: schema['required'] }
      : {};
  const translated = properties.map(([name, member]) => [name, structuralSchema(member, `${path}.${name}`)]);
  return { properties: Object.fromEntries(translated) as Schema, ...required };
}

/** The schema of the values of a record. */
function valueSchema(schema: Schema, path: string): unknown {
  const { additionalProperties, patternProperties } = schema;
  if (isSchema(patternProperties)) {
    const [entry, ...more] = Object.entries(patternProperties);
    if (entry?.[0] !== ANY_KEY || more.length > 0)
      throw unsupported(path, 'restricts the names of its members by pattern');
    return entry[1];
  }
  if (additionalProperties === false)
    throw unsupported(path, 'forbids unknown members; the API server drops them anyway');
  return additionalProperties;
}

function itemShape(items: unknown, path: string): StructuralSchema {
  if (!isSchema(items)) throw unsupported(path, 'is a list without one schema for all its items');
  return structuralSchema(items, `${path}[]`);
}

function unsupported(path: string, problem: string): KcError {
  return new KcError('KC_SCHEMA_UNSUPPORTED', { field: path, problem });
}

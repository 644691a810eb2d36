/** Turns OpenAPI v3 definitions into the compact form of src/playground/api-server/schemas/definitions.json. */
import type { GoField, GoTypes } from './go-types.ts';

type Raw = Readonly<Record<string, unknown>>;
export type Definitions = Readonly<Record<string, Raw>>;

/** Keys that are carried over under a shorter name. */
const RENAMED: Readonly<Record<string, string>> = {
  type: 'type',
  format: 'format',
  required: 'required',
  enum: 'enum',
  oneOf: 'oneOf',
  'x-kubernetes-group-version-kind': 'kinds',
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
  'x-kubernetes-patch-merge-key': 'patchMergeKey',
  'x-kubernetes-patch-strategy': 'patchStrategy',
};

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name of the definition that a schema refers to, if it does. */
export function referenceOf(schema: Raw): string | undefined {
  const all = Array.isArray(schema['allOf']) ? (schema['allOf'] as readonly unknown[])[0] : schema;
  const reference = isRaw(all) ? all['$ref'] : undefined;
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined;
}

/** `io.k8s.api.core.v1.Pod` → [`k8s.io/api/core/v1`, `Pod`]. */
function goNameOf(definition: string): readonly [string, string] {
  const parts = definition.split('.');
  const typeName = parts.pop() ?? '';
  const [, , ...rest] = parts;
  return [`k8s.io/${rest.join('/')}`, typeName];
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (isRaw(value) && Object.keys(value).length === 0);
}

function isListOrMap(schema: Raw): boolean {
  return schema['type'] === 'array' || isRaw(schema['additionalProperties']);
}

/**
 * What Go prints where a field is absent (`zero`), and whether an explicit zero survives (`keepZero`).
 * Lists and maps are stored without telling empty from absent.
 */
function presence(schema: Raw, field: GoField): Raw {
  if (isListOrMap(schema)) return field.omitEmpty ? {} : { zero: null };
  const reference = referenceOf(schema);
  if (field.pointer) {
    return {
      ...(reference === undefined ? { keepZero: true } : {}),
      ...(field.omitEmpty ? {} : { zero: null }),
    };
  }
  if (reference !== undefined) return field.omitZero ? {} : structPresence(reference);
  return field.omitEmpty ? {} : { zero: scalarZero(schema) };
}

const SCALAR_ZEROS: Readonly<Record<string, unknown>> = { string: '', boolean: false, integer: 0, number: 0 };

function scalarZero(schema: Raw): unknown {
  return schema['format'] === 'byte' ? null : (SCALAR_ZEROS[String(schema['type'])] ?? null);
}

/** A struct that is not a pointer is always printed; a few types print their zero in their own way. */
function structPresence(reference: string): Raw {
  const name = reference.slice(reference.lastIndexOf('.') + 1);
  if (name === 'Quantity') return { zero: '0' };
  if (name === 'IntOrString') return { zero: 0 };
  if (['Time', 'MicroTime', 'RawExtension', 'JSON'].includes(name)) return { zero: null };
  return { zero: {} };
}

function compactProperty(schema: Raw, field: GoField | undefined): Raw {
  if (field === undefined) return compactSchema(schema);
  const alias = field.type.includes('.') && schema['type'] === 'string';
  return {
    ...compactSchema(schema),
    ...presence(schema, field),
    ...(field.protobuf.length === 0 ? {} : { protobuf: field.protobuf }),
    ...(alias ? { goType: field.type } : {}),
  };
}

function compactSchema(schema: Raw): Raw {
  const reference = referenceOf(schema);
  const compact: Record<string, unknown> = reference === undefined ? {} : { ref: reference };
  for (const [from, to] of Object.entries(RENAMED)) {
    const kept = reference === undefined || from.startsWith('x-');
    if (kept && schema[from] !== undefined) compact[to] = schema[from];
  }
  for (const key of ['items', 'additionalProperties']) {
    const child = schema[key];
    if (isRaw(child)) compact[key] = compactSchema(child);
  }
  if (schema['default'] !== undefined && !isZero(schema['default'])) compact['default'] = schema['default'];
  return compact;
}

/** One definition without its descriptions. */
export function compactDefinition(name: string, schema: Raw, types: GoTypes): Raw {
  const { kinds, ...compact } = compactSchema(schema);
  const ownKinds = name.endsWith('DeleteOptions') || kinds === undefined ? {} : { kinds };
  if (!isRaw(schema['properties'])) return { ...compact, ...ownKinds };
  const fields = types.fields(...goNameOf(name));
  if (fields === undefined) throw new Error(`no Go struct for ${name}`);
  const properties = Object.entries(schema['properties']).map(([property, value]) => [
    property,
    compactProperty(isRaw(value) ? value : {}, fields.get(property)),
  ]);
  return { ...compact, ...ownKinds, properties: Object.fromEntries(properties) as Raw };
}

/** The descriptions of a definition: its own under the empty name, then those of its properties. */
export function descriptionsOf(schema: Raw): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  if (typeof schema['description'] === 'string') texts[''] = schema['description'];
  for (const [property, value] of Object.entries(isRaw(schema['properties']) ? schema['properties'] : {})) {
    if (isRaw(value) && typeof value['description'] === 'string') texts[property] = value['description'];
  }
  return texts;
}

/** Every definition that the given ones lead to, in alphabetical order. */
export function closure(all: Definitions, roots: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    const schema = all[name];
    if (schema === undefined) throw new Error(`the API server publishes no definition ${name}`);
    found.add(name);
    references(schema).forEach(visit);
  };
  roots.forEach(visit);
  return [...found].sort();
}

function references(schema: Raw): readonly string[] {
  const own = referenceOf(schema);
  const children = [
    ...Object.values(isRaw(schema['properties']) ? schema['properties'] : {}),
    schema['items'],
    schema['additionalProperties'],
  ];
  return [...(own === undefined ? [] : [own]), ...children.filter(isRaw).flatMap(references)];
}

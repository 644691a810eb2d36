/** The definitions of the built-in kinds, resolved to schema nodes as they are asked for. */
import { internalError } from '../wire/status-error.ts';
import type { GroupVersionKind, RawDefinitions, RawSchema } from './raw-definition.ts';
import {
  ANY_NODE,
  type NodeKind,
  type SchemaField,
  type SchemaNode,
  schemaField,
  schemaNode,
} from './schema-node.ts';

/** Types that print and parse in their own way. */
const SPECIAL: Readonly<Record<string, NodeKind>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'microTime',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': 'any',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
};

const SCALARS: Readonly<Record<string, NodeKind>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};

export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Resolves definitions by name and by kind. */
export class Definitions {
  readonly #raw: RawDefinitions;
  readonly #nodes = new Map<string, SchemaNode>();
  readonly #atomicNodes = new Map<string, SchemaNode>();
  readonly #byKind = new Map<string, string>();

  constructor(raw: RawDefinitions) {
    this.#raw = raw;
    for (const [name, schema] of Object.entries(raw)) {
      for (const kind of schema.kinds ?? []) this.#byKind.set(kindKey(kind), name);
    }
  }

  raw(name: string): RawSchema {
    const schema = this.#raw[name];
    if (schema === undefined) throw internalError(`no definition ${name}`);
    return schema;
  }

  /** The definition's name of a kind. */
  nameOf(kind: GroupVersionKind): string {
    const name = this.#byKind.get(kindKey(kind));
    if (name === undefined) throw internalError(`no definition of ${kindKey(kind)}`);
    return name;
  }

  ofKind(kind: GroupVersionKind): SchemaNode {
    return this.node(this.nameOf(kind));
  }

  node(name: string): SchemaNode {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const raw = this.raw(name);
    const fields = new Map<string, SchemaField>();
    const special = SPECIAL[name];
    const node = schemaNode({
      kind: special ?? 'struct',
      definition: name,
      fields,
      atomic: raw.mapType === 'atomic',
      goType: goTypeOf(name),
    });
    this.#nodes.set(name, node);
    for (const [field, schema] of Object.entries(raw.properties ?? {})) {
      fields.set(field, this.#field(field, schema));
    }
    return node;
  }

  #field(name: string, raw: RawSchema): SchemaField {
    const { zero, protobuf = [], patchMergeKey, default: defaultValue } = raw;
    const patchStrategies = raw.patchStrategy?.split(',') ?? [];
    const node = this.#child(raw);
    // Zero pods are a number of pods: only what is absent takes a default.
    const keepZero = raw.keepZero === true || node.kind === 'intOrString';
    return schemaField({
      name,
      node,
      zero,
      keepZero,
      defaultValue,
      patchStrategies,
      patchMergeKey,
      protobuf,
    });
  }

  #child(raw: RawSchema): SchemaNode {
    if (raw.ref !== undefined) return raw.mapType === 'atomic' ? this.#atomic(raw.ref) : this.node(raw.ref);
    if (raw.items !== undefined) return this.#list(raw, raw.items);
    if (raw.additionalProperties !== undefined) return this.#map(raw, raw.additionalProperties);
    if (raw.type === 'object') return ANY_NODE;
    return scalarNode(raw);
  }

  #list(raw: RawSchema, items: RawSchema): SchemaNode {
    const element = this.#child(items);
    const atomic = raw.listType !== 'map' && raw.listType !== 'set';
    const goType = `[]${element.goType}`;
    return schemaNode({ kind: 'list', element, atomic, listMapKeys: raw.listMapKeys ?? [], goType });
  }

  #map(raw: RawSchema, values: RawSchema): SchemaNode {
    const child = this.#child(values);
    const element: SchemaNode = child.kind === 'quantity' ? { ...child, kind: 'amount' } : child;
    const goType = `map[string]${element.goType}`;
    return schemaNode({ kind: 'map', element, atomic: raw.mapType === 'atomic', goType });
  }

  #atomic(name: string): SchemaNode {
    const known = this.#atomicNodes.get(name);
    if (known !== undefined) return known;
    const node = { ...this.node(name), atomic: true };
    this.#atomicNodes.set(name, node);
    return node;
  }
}

function scalarNode(raw: RawSchema): SchemaNode {
  if (raw.format === 'byte') return schemaNode({ kind: 'bytes', goType: '[]uint8' });
  const kind = SCALARS[raw.type ?? ''] ?? 'any';
  const goType = raw.goType ?? (kind === 'boolean' ? 'bool' : (raw.format ?? kind));
  return schemaNode({ kind, goType, format: raw.format ?? '' });
}

/** `io.k8s.api.apps.v1.DeploymentSpec` → `v1.DeploymentSpec`. */
function goTypeOf(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

function kindKey(kind: GroupVersionKind): string {
  return `${kind.group}/${kind.version}/${kind.kind}`;
}

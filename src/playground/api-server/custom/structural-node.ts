/** Schema nodes of custom resources, for pruning, patches and server-side apply. */
import { isPresent } from '../json/json.ts';
import {
  ANY_NODE,
  type NodeKind,
  type SchemaField,
  type SchemaNode,
  schemaField,
  schemaNode,
} from '../schema/schema-node.ts';
import { type CustomSchema, isOpen, valueSchema } from './custom-schema.ts';

const SCALARS: Readonly<Record<string, NodeKind>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};

/** The node of a whole custom resource; `metadata` is the same for every kind. */
export function resourceNode(schema: CustomSchema, metadata: SchemaNode): SchemaNode {
  const node = structuralNode(schema, metadata);
  return withEnvelope(node.kind === 'any' ? schemaNode({ kind: 'struct', open: true }) : node, metadata);
}

const TEXT = schemaNode({ kind: 'string' });

function withEnvelope(node: SchemaNode, metadata: SchemaNode): SchemaNode {
  const fields = new Map(node.fields);
  fields.set('apiVersion', schemaField({ name: 'apiVersion', node: TEXT }));
  fields.set('kind', schemaField({ name: 'kind', node: TEXT }));
  fields.set('metadata', schemaField({ name: 'metadata', node: metadata }));
  return { ...node, fields };
}

function structuralNode(schema: CustomSchema, metadata: SchemaNode): SchemaNode {
  if (schema['x-kubernetes-int-or-string'] === true) return schemaNode({ kind: 'intOrString' });
  if (schema.type === 'array') return listNode(schema, metadata);
  const scalar = SCALARS[schema.type ?? ''];
  if (scalar !== undefined) return schemaNode({ kind: scalar, format: schema.format ?? '' });
  const node = objectNode(schema, metadata);
  return schema['x-kubernetes-embedded-resource'] === true ? withEnvelope(node, metadata) : node;
}

function objectNode(schema: CustomSchema, metadata: SchemaNode): SchemaNode {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  const values = valueSchema(schema);
  if (values !== undefined && schema.properties === undefined) {
    return schemaNode({ kind: 'map', element: structuralNode(values, metadata), atomic });
  }
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0 && isOpen(schema))
    return atomic ? schemaNode({ kind: 'any', atomic }) : ANY_NODE;
  const fields = new Map(properties.map(([name, property]) => [name, field(name, property, metadata)]));
  return schemaNode({ kind: 'struct', fields, open: isOpen(schema), atomic });
}

function field(name: string, schema: CustomSchema, metadata: SchemaNode): SchemaField {
  return schemaField({ name, node: structuralNode(schema, metadata), defaultValue: schema.default });
}

function listNode(schema: CustomSchema, metadata: SchemaNode): SchemaNode {
  const type = schema['x-kubernetes-list-type'];
  return schemaNode({
    kind: 'list',
    element: isPresent(schema.items) ? structuralNode(schema.items, metadata) : ANY_NODE,
    atomic: type !== 'map' && type !== 'set',
    listMapKeys: type === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [],
  });
}

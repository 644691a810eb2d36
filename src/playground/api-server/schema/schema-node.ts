/**
 * The shape of a kind, resolved: one form for built-in kinds and custom resources. It drives decoding, pruning,
 * strategic merge patches, server-side apply and `kubectl explain`.
 */

export type ScalarKind =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'bytes'
  | 'quantity'
  /** A quantity in a resource list. */
  | 'amount'
  | 'intOrString'
  | 'time'
  | 'microTime';

/** `any` holds whatever it is given: its fields and items are known from the value alone. */
export type NodeKind = 'struct' | 'map' | 'list' | 'any' | ScalarKind;

export interface SchemaNode {
  readonly kind: NodeKind;
  /** The definition's name, such as `io.k8s.api.core.v1.Container`; empty for what has none. */
  readonly definition: string;
  /** A struct's fields. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** A struct that keeps the fields it does not know. */
  readonly open: boolean;
  /** A map's values or a list's items. */
  readonly element: SchemaNode | undefined;
  /** Server-side apply takes the value as a whole. */
  readonly atomic: boolean;
  /** How items of a list that is not atomic are told apart: by these fields, or by value where there are none. */
  readonly listMapKeys: readonly string[];
  /** `int32`, `int64`, `double` or empty. */
  readonly format: string;
  /** The Go type as decoding errors name it. */
  readonly goType: string;
}

export interface SchemaField {
  readonly name: string;
  readonly node: SchemaNode;
  /** What the server prints where the field is absent; undefined where it prints nothing. */
  readonly zero: unknown;
  /** An explicit zero (false, 0, empty text) is told apart from absence. */
  readonly keepZero: boolean;
  readonly defaultValue: unknown;
  /** `merge`, `replace`, `retainKeys`: how a strategic merge patch treats the field. */
  readonly patchStrategies: readonly string[];
  /** The field by which a strategic merge patch tells items of the list apart. */
  readonly patchMergeKey: string | undefined;
  /** The numbers that lead to the field in protobuf: its own, after those of the structs that Go inlines it from. */
  readonly protobuf: readonly number[];
}

const NO_FIELDS: ReadonlyMap<string, SchemaField> = new Map();

/** A node with everything that is not said left at its default. */
export function schemaNode(parts: Partial<SchemaNode> & { readonly kind: NodeKind }): SchemaNode {
  return {
    definition: '',
    fields: NO_FIELDS,
    open: false,
    element: undefined,
    atomic: false,
    listMapKeys: [],
    format: '',
    goType: '',
    ...parts,
  };
}

/** A field with everything that is not said left at its default. */
export function schemaField(
  parts: Partial<SchemaField> & { readonly name: string; readonly node: SchemaNode },
): SchemaField {
  return {
    zero: undefined,
    keepZero: false,
    defaultValue: undefined,
    patchStrategies: [],
    patchMergeKey: undefined,
    protobuf: [],
    ...parts,
  };
}

/** Holds anything. */
export const ANY_NODE: SchemaNode = schemaNode({ kind: 'any' });

/** The node of a field or a map's value; undefined where the schema knows none. */
export function childNode(node: SchemaNode, name: string): SchemaNode | undefined {
  if (node.kind === 'any') return ANY_NODE;
  if (node.kind === 'map') return node.element;
  return node.fields.get(name)?.node ?? (node.open ? ANY_NODE : undefined);
}

export function isScalar(node: SchemaNode): boolean {
  return node.kind !== 'struct' && node.kind !== 'map' && node.kind !== 'list' && node.kind !== 'any';
}

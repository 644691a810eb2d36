/** Everything about a custom resource that its CustomResourceDefinition says, from one schema. */
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import { type ResourceType, qualifiedName } from '../client/resource-type.ts';
import { structuralSchema } from './structural-schema.ts';
import type { StructuralSchema } from './schema-shape.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  /** Above 0: shown with `-o wide` only. */
  readonly priority?: number;
}

export interface CrdDefinition<T extends KubeObject = KubeObject> {
  readonly type: ResourceType<T>;
  /** A TypeBox object schema with `spec` and, where the resource has a status subresource, `status`. */
  readonly schema: object;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly printerColumns?: readonly PrinterColumn[];
  /** The paths of the scale subresource. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  /** JSON paths of fields that field selectors may name. */
  readonly selectableFields?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

const APPROVAL = 'api-approved.kubernetes.io';

/** The CRD object. Throws KC_SCHEMA_UNSUPPORTED where the schema or the definition cannot be served. */
export function customResourceDefinition(definition: CrdDefinition): CustomResourceDefinition {
  const { type, annotations, labels } = definition;
  requireApproval(definition);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: qualifiedName(type),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ...(labels === undefined ? {} : { labels: { ...labels } }),
    },
    spec: {
      group: type.group,
      names: names(definition),
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      versions: [version(definition)],
    },
  };
}

function names(definition: CrdDefinition): CustomResourceDefinition['spec']['names'] {
  const { type, shortNames, categories } = definition;
  return {
    kind: type.kind,
    listKind: `${type.kind}List`,
    plural: type.plural,
    singular: type.kind.toLowerCase(),
    ...(shortNames === undefined ? {} : { shortNames: [...shortNames] }),
    ...(categories === undefined ? {} : { categories: [...categories] }),
  };
}

function version(definition: CrdDefinition): CustomResourceDefinition['spec']['versions'][number] {
  const { type, printerColumns, scale, selectableFields } = definition;
  const schema = rootSchema(definition);
  const hasStatus = schema.properties?.['status'] !== undefined;
  return {
    name: type.version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema as Record<string, never> },
    subresources: { ...(hasStatus ? { status: {} } : {}), ...(scale === undefined ? {} : { scale }) },
    ...(printerColumns === undefined ? {} : { additionalPrinterColumns: [...printerColumns] }),
    ...(selectableFields === undefined
      ? {}
      : { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
  };
}

/** The schema with the members that every object has. */
export function rootSchema(definition: CrdDefinition): StructuralSchema {
  const own = structuralSchema(definition.schema, definition.type.kind);
  if (own.type !== 'object' || own.properties === undefined) {
    throw new KcError('KC_SCHEMA_UNSUPPORTED', {
      field: definition.type.kind,
      problem: 'is not an object with members',
    });
  }
  const envelope = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
  return { ...own, properties: { ...envelope, ...own.properties } };
}

/** The API server refuses groups under k8s.io and kubernetes.io that do not say how they were approved. */
function requireApproval({ type, annotations }: CrdDefinition): void {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(type.group) || annotations?.[APPROVAL] !== undefined) return;
  throw new KcError('KC_SCHEMA_UNSUPPORTED', {
    object: qualifiedName(type),
    field: 'annotations',
    problem: `the group ${type.group} is protected`,
    fix: `annotate the definition with ${APPROVAL}, e.g. "unapproved, experimental-only"`,
  });
}

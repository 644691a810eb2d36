/** The resources that a custom resource definition makes the server serve. */
import { createHash } from 'node:crypto';
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import {
  asList,
  asObject,
  asObjects,
  asText,
  isObject,
  type JsonObject,
  objectAt,
  textAt,
} from '../json/json.ts';
import { type Resource, type ScalePaths, makeResource } from '../resources/resource.ts';
import type { DiscoveredResource } from '../schema/load-schemas.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { type ApiObject, withMeta } from '../storage/api-object.ts';
import type { PrinterColumn } from '../tables/printer-columns.ts';
import { CustomCodec } from './custom-codec.ts';
import { customRules } from './custom-rules.ts';
import type { CustomSchema } from './custom-schema.ts';
import { resourceNode } from './structural-node.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const VIEW_VERBS = ['get', 'patch', 'update'];

/** A resource with what its tables show. */
export interface CustomResource {
  readonly resource: Resource;
  readonly columns: readonly PrinterColumn[];
}

/** The served versions of a definition; `metadata` is the schema of ObjectMeta. */
export function customResources(definition: ApiObject, metadata: SchemaNode): readonly CustomResource[] {
  const versions = asObjects(objectAt(definition, 'spec')['versions']);
  return versions
    .filter((version) => version['served'] === true)
    .map((version) => ({
      resource: customResource(definition, version, metadata),
      columns: asList(version['additionalPrinterColumns']) as readonly PrinterColumn[],
    }));
}

/** Definitions name their kind as their spec says, once that is accepted. */
export function namesOf(definition: ApiObject): NonNullable<CustomResourceDefinition['spec']['names']> {
  return objectAt(definition, 'spec', 'names') as CustomResourceDefinition['spec']['names'] & JsonObject;
}

function customResource(definition: ApiObject, version: JsonObject, metadata: SchemaNode): Resource {
  const spec = asObject(definition['spec']);
  const names = namesOf(definition);
  const group = asText(spec['group']);
  const schema = asObject(objectAt(version, 'schema')['openAPIV3Schema']) as CustomSchema;
  const apiVersion = `${group}/${asText(version['name'])}`;
  const { kind, plural } = names;
  const scale = scaleOf(version);
  const hasStatus = isObject(objectAt(version, 'subresources')['status']);
  const isStored = version['storage'] === true;
  const storedVersion = `${group}/${storedVersionOf(spec)}`;
  return makeResource({
    group,
    version: asText(version['name']),
    plural,
    kind,
    namespaced: spec['scope'] === 'Namespaced',
    singular: names.singular ?? kind.toLowerCase(),
    listKind: names.listKind ?? `${kind}List`,
    discovery: discoveryOf(definition, version, { hasStatus, hasScale: scale !== undefined }),
    node: resourceNode(schema, metadata),
    codec: new CustomCodec(schema, metadata, {
      name: { apiVersion, kind },
      prunes: spec['preserveUnknownFields'] !== true,
    }),
    rules: customRules({ schema, hasStatus, scale, selectableFields: selectableFields(version) }),
    scale,
    stored: { group, plural },
    view: isStored ? undefined : versionView(apiVersion, storedVersion),
    customSchema: objectAt(version, 'schema', 'openAPIV3Schema'),
  });
}

function storedVersionOf(spec: JsonObject): string {
  const stored = asObjects(spec['versions']).find((version) => version['storage'] === true);
  return asText(stored?.['name']);
}

/** Without conversion, versions differ in their name alone. */
function versionView(apiVersion: string, storedVersion: string): NonNullable<Resource['view']> {
  const rename = (object: ApiObject, to: string): ApiObject => withMeta({ ...object, apiVersion: to }, {});
  return {
    fromStorage: (object) => rename(object, apiVersion),
    toStorage: (object) => rename(object, storedVersion),
  };
}

function selectableFields(version: JsonObject): readonly string[] {
  return asObjects(version['selectableFields']).map((field) => asText(field['jsonPath']).replace(/^\./, ''));
}

function pathOf(text: string): readonly string[] {
  return text.replace(/^\./, '').split('.');
}

function scaleOf(version: JsonObject): ScalePaths | undefined {
  const scale = objectAt(version, 'subresources')['scale'];
  if (!isObject(scale)) return undefined;
  const selector = textAt(scale, 'labelSelectorPath');
  return {
    specReplicas: pathOf(textAt(scale, 'specReplicasPath')),
    statusReplicas: pathOf(textAt(scale, 'statusReplicasPath')),
    selector: selector === '' ? undefined : pathOf(selector),
  };
}

interface Subresources {
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
}

function discoveryOf(
  definition: ApiObject,
  version: JsonObject,
  { hasStatus, hasScale }: Subresources,
): readonly DiscoveredResource[] {
  const { plural, singular = '', kind, shortNames, categories } = namesOf(definition);
  const namespaced = objectAt(definition, 'spec')['scope'] === 'Namespaced';
  const path = [asText(objectAt(definition, 'spec')['group']), asText(version['name']), kind].join('/');
  const hash = createHash('sha256').update(path).digest().subarray(0, 8).toString('base64');
  const view = (name: string, extra: Partial<DiscoveredResource>): DiscoveredResource => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs: VIEW_VERBS,
    ...extra,
  });
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: VERBS,
      ...(shortNames === undefined ? {} : { shortNames }),
      ...(categories === undefined ? {} : { categories }),
      storageVersionHash: hash,
    },
    ...(hasStatus ? [view('status', {})] : []),
    ...(hasScale ? [view('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' })] : []),
  ];
}

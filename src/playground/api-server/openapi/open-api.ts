/** The OpenAPI v3 documents of a server, one per group version, as `kubectl explain` and `kubectl apply` read them. */
import type { JsonObject } from '../json/json.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import { type Definitions, OBJECT_META } from '../schema/definitions.ts';
import { type Schemas, loadDescriptions } from '../schema/load-schemas.ts';
import { stableHash } from './stable-hash.ts';
import { BuiltinSchemas, referenceTo } from './builtin-schemas.ts';
import { pathsOf } from './operations.ts';

const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';

export class OpenApi {
  readonly #registry: Registry;
  readonly #schemas: Schemas;
  readonly #documents = new Map<string, string>();
  /** The registry's version that the documents were made of. */
  #version = -1;

  constructor(registry: Registry, schemas: Schemas) {
    this.#registry = registry;
    this.#schemas = schemas;
  }

  /** `/openapi/v3`: where the documents are. The hash in an address changes with the document. */
  index(): JsonObject {
    const paths = this.#groupVersions().map((path) => {
      const version = stableHash(this.#fingerprint(path));
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${version}` }];
    });
    return { paths: Object.fromEntries(paths) as JsonObject };
  }

  /** The text of a document such as `apis/apps/v1`; undefined where the group version is not served. */
  async document(path: string): Promise<string | undefined> {
    const resources = this.#resourcesOf(path);
    if (resources.length === 0) return undefined;
    if (this.#version !== this.#registry.version) this.#documents.clear();
    this.#version = this.#registry.version;
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    const builtin = new BuiltinSchemas(this.#schemas.definitions, await loadDescriptions());
    const text = JSON.stringify(documentOf(resources, this.#schemas.definitions, builtin));
    this.#documents.set(path, text);
    return text;
  }

  #groupVersions(): readonly string[] {
    return [...new Set(this.#registry.all().map(groupPath))];
  }

  #resourcesOf(path: string): readonly Resource[] {
    return this.#registry.all().filter((resource) => groupPath(resource) === path);
  }

  #fingerprint(path: string): string {
    const custom = this.#resourcesOf(path).map(({ plural, customSchema }) => [plural, customSchema ?? null]);
    return JSON.stringify([path, this.#schemas.version['gitVersion'], custom]);
  }
}

function groupPath({ group, version }: Resource): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function documentOf(
  resources: readonly Resource[],
  definitions: Definitions,
  builtin: BuiltinSchemas,
): JsonObject {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, unknown> = {};
  builtin.collect([DELETE_OPTIONS], schemas);
  for (const resource of resources) {
    const name = schemaName(resource, definitions);
    Object.assign(paths, pathsOf(resource, name));
    if (resource.customSchema === undefined) builtin.collect([name], schemas);
    else schemas[name] = customSchema(resource, resource.customSchema);
    builtin.collect(referredTo(resource), schemas);
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: '1.36' },
    paths,
    components: { schemas },
  };
}

function referredTo({ customSchema: custom, scale }: Resource): readonly string[] {
  return [...(custom === undefined ? [] : [OBJECT_META]), ...(scale === undefined ? [] : [SCALE])];
}

/** `com.example.v1.Widget` for a custom resource. */
function schemaName(resource: Resource, definitions: Definitions): string {
  const { group, version, kind } = resource;
  if (resource.customSchema === undefined) return definitions.nameOf({ group, version, kind });
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized ' +
  'schemas to the latest internal value, and may reject unrecognized values. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the ' +
  'endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ' +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';
const METADATA =
  "Standard object's metadata. More info: " +
  'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

function customSchema({ group, version, kind }: Resource, schema: JsonObject): JsonObject {
  const properties = schema['properties'] as JsonObject | undefined;
  return {
    ...schema,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { description: API_VERSION, type: 'string' },
      kind: { description: KIND, type: 'string' },
      metadata: { description: METADATA, allOf: [referenceTo(OBJECT_META)] },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

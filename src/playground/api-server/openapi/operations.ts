/** The paths of an OpenAPI v3 document: what can be done with each resource, and with which parameters. */
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import type { DiscoveredResource } from '../schema/load-schemas.ts';
import { referenceTo } from './builtin-schemas.ts';

const LIST_PARAMETERS = [
  'allowWatchBookmarks:boolean',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit:integer',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents:boolean',
  'timeoutSeconds:integer',
  'watch:boolean',
];
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE_PARAMETERS = [
  'dryRun',
  'gracePeriodSeconds:integer',
  'orphanDependents:boolean',
  'propagationPolicy',
];

interface Verb {
  readonly method: string;
  readonly action: string;
  /** The resource itself rather than one object of it. */
  readonly isCollection: boolean;
  readonly parameters: readonly string[];
}

const VERBS: Readonly<Record<string, Verb>> = {
  list: { method: 'get', action: 'list', isCollection: true, parameters: LIST_PARAMETERS },
  create: { method: 'post', action: 'post', isCollection: true, parameters: WRITE_PARAMETERS },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    isCollection: true,
    parameters: [...LIST_PARAMETERS, ...DELETE_PARAMETERS],
  },
  get: { method: 'get', action: 'get', isCollection: false, parameters: [] },
  update: { method: 'put', action: 'put', isCollection: false, parameters: WRITE_PARAMETERS },
  patch: {
    method: 'patch',
    action: 'patch',
    isCollection: false,
    parameters: [...WRITE_PARAMETERS, 'force:boolean'],
  },
  delete: { method: 'delete', action: 'delete', isCollection: false, parameters: DELETE_PARAMETERS },
};

/** The paths of a resource and of its subresources; `schema` is the definition that its objects follow. */
export function pathsOf(resource: Resource, schema: string): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const discovered of resource.discovery) {
    for (const name of discovered.verbs)
      addOperation(paths, { resource, discovered, verb: VERBS[name], schema });
  }
  if (resource.namespaced) {
    const everywhere = `${rootOf(resource)}/${resource.plural}`;
    const inNamespace = paths[`${rootOf(resource)}/namespaces/{namespace}/${resource.plural}`];
    if (inNamespace?.['get'] !== undefined) paths[everywhere] = { get: inNamespace['get'] };
  }
  return paths;
}

interface Operation {
  readonly resource: Resource;
  readonly discovered: DiscoveredResource;
  readonly verb: Verb | undefined;
  readonly schema: string;
}

function addOperation(paths: Record<string, Record<string, unknown>>, operation: Operation): void {
  const { resource, discovered, verb, schema } = operation;
  if (verb === undefined) return;
  const path = pathOf(resource, discovered, verb);
  const { group = resource.group, version = resource.version, kind } = discovered;
  paths[path] ??= { parameters: pathParameters(path) };
  paths[path][verb.method] = {
    operationId: `${verb.action}${kind}${discovered.name.replaceAll('/', '_')}`,
    parameters: verb.parameters.map(queryParameter),
    responses: { 200: { description: 'OK', content: contentOf(discovered, schema) } },
    'x-kubernetes-action': verb.action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function contentOf(discovered: DiscoveredResource, schema: string): JsonObject {
  const isOwn = discovered.group === undefined && discovered.version === undefined;
  return isOwn ? { 'application/json': { schema: referenceTo(schema) } } : {};
}

function rootOf({ group, version }: Resource): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function pathOf(resource: Resource, { name }: DiscoveredResource, verb: Verb): string {
  const [plural = '', subresource] = name.split('/', 2);
  const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
  const base = `${rootOf(resource)}${scope}/${plural}`;
  if (subresource !== undefined) return `${base}/{name}/${subresource}`;
  return verb.isCollection ? base : `${base}/{name}`;
}

function pathParameters(path: string): readonly JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
}

function queryParameter(text: string): JsonObject {
  const [name, type = 'string'] = text.split(':', 2);
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

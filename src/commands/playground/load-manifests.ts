/** Applies the objects of YAML files to a cluster, as `kubectl apply --server-side` does. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import type { KubeList, KubeObject } from '#apis/kubernetes/object.ts';
import { KcError, messageOf } from '#errors/kc-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { installCrds } from '#kube/crd/install-crds.ts';
import { Discovery } from '#kube/discovery/discovery.ts';
import type { Clock } from '#platform/clock.ts';

const FIELD_MANAGER = 'kcloud-playground';
const DEFAULT_NAMESPACE = 'default';

export interface LoadOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
}

interface Loading extends LoadOptions {
  readonly discovery: Discovery;
}

/**
 * Applies every object of the files in their order and returns how many there were. Throws KC_CONFIG_INVALID, naming
 * the file and the object, for what cannot be read or what the server refuses.
 */
export async function loadManifests(paths: readonly string[], options: LoadOptions): Promise<number> {
  const loading = { ...options, discovery: new Discovery(options.client, options.clock) };
  let count = 0;
  for (const path of paths) {
    for (const object of readObjects(path)) {
      await apply(object, loading).catch((error: unknown) => {
        throw invalid(`${path}: ${titleOf(object)}`, messageOf(error), error);
      });
      count += 1;
    }
  }
  return count;
}

function readObjects(path: string): readonly KubeObject[] {
  const documents = parseAllDocuments(read(path));
  return documents.flatMap((document, index) => {
    const [error] = document.errors;
    if (error !== undefined) throw invalid(path, error.message, error);
    const value: unknown = document.toJS();
    if (value === null) return [];
    if (!isObject(value)) throw invalid(path, `document ${index + 1} has no apiVersion and kind`);
    return isList(value) ? value.items : [value];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(path, messageOf(error), error);
  }
}

function isObject(value: unknown): value is KubeObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['apiVersion', 'kind'].every((name) => typeof Reflect.get(value, name) === 'string')
  );
}

function isList(value: KubeObject): value is KubeList & KubeObject {
  return value.kind === 'List' && 'items' in value && Array.isArray(value.items);
}

function titleOf({ kind = '', metadata }: KubeObject): string {
  return `${kind} ${JSON.stringify(metadata?.name ?? '')}`;
}

async function apply(object: KubeObject, { client, clock, discovery }: Loading): Promise<void> {
  if (object.kind === 'CustomResourceDefinition') {
    await installCrds([object as CustomResourceDefinition], { client, clock, fieldManager: FIELD_MANAGER });
    discovery.forget();
    return;
  }
  const type = await typeOf(object, discovery);
  const placed = type.namespaced ? { namespace: DEFAULT_NAMESPACE, ...object.metadata } : object.metadata;
  await client.apply(
    type,
    { ...object, metadata: { ...placed } },
    { fieldManager: FIELD_MANAGER, force: true },
  );
}

async function typeOf(
  { apiVersion = '', kind = '' }: KubeObject,
  discovery: Discovery,
): Promise<ResourceType> {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const offered = await discovery.resources(group, version);
  const found = offered.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) throw new Error(`the server knows no ${kind} in ${apiVersion}`);
  return { group, version, kind, plural: found.name, namespaced: found.namespaced };
}

function invalid(field: string, problem: string, cause?: unknown): KcError {
  return new KcError('KC_CONFIG_INVALID', { field, problem, cause });
}

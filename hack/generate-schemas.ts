/**
 * Writes src/playground/api-server/schemas/*.json from a running kube-apiserver and the Go source of its API types:
 *   node hack/generate-schemas.ts --kubeconfig <file of an administrator with client certificates>
 * The version of the source is that of test/testenv/modules/kubernetes; use an API server of the same version.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readerOf } from './generate-schemas/api-server.ts';
import {
  type Definitions,
  closure,
  compactDefinition,
  descriptionsOf,
} from './generate-schemas/definitions.ts';
import { GoTypes } from './generate-schemas/go-types.ts';
import { EXTRA_DEFINITIONS, MODULES, SERVED, isServed } from './generate-schemas/served.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'src/playground/api-server/schemas');
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' } } });
const get = readerOf(values.kubeconfig ?? process.env['KUBECONFIG'] ?? '');

const rootOf = (groupVersion: string): string =>
  groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;

function write(name: string, value: unknown): void {
  const text = `${JSON.stringify(value)}\n`;
  writeFileSync(join(OUTPUT, name), text);
  process.stdout.write(`${name}: ${String(text.length)} bytes\n`);
}

function moduleDirectories(): ReadonlyMap<string, string> {
  const cwd = join(ROOT, 'test/testenv/modules/kubernetes');
  return new Map(
    MODULES.map((module) => [
      module,
      execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], { cwd, encoding: 'utf8' }).trim(),
    ]),
  );
}

async function readResources(): Promise<Record<string, readonly Resource[]>> {
  const resources: Record<string, readonly Resource[]> = {};
  for (const groupVersion of Object.keys(SERVED)) {
    const list = (await get(`/${rootOf(groupVersion)}`)) as { readonly resources: readonly Resource[] };
    resources[groupVersion] = list.resources.filter(({ name }) => isServed(groupVersion, name));
  }
  return resources;
}

async function readColumns(resources: Record<string, readonly Resource[]>): Promise<Record<string, unknown>> {
  const columns: Record<string, unknown> = {};
  for (const [groupVersion, list] of Object.entries(resources)) {
    for (const { name } of list.filter(({ verbs }) => verbs.includes('list'))) {
      const path = `/${rootOf(groupVersion)}/${name}?includeObject=None&limit=1`;
      const table = (await get(path, TABLE)) as { readonly columnDefinitions: unknown };
      columns[`${groupVersion}/${name}`] = table.columnDefinitions;
    }
  }
  return columns;
}

async function readDefinitions(): Promise<Definitions> {
  const all: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const groupVersion of [...Object.keys(SERVED), 'autoscaling/v1']) {
    const document = (await get(`/openapi/v3/${rootOf(groupVersion)}`)) as {
      readonly components: { readonly schemas: Definitions };
    };
    Object.assign(all, document.components.schemas);
  }
  return all;
}

function definitionOf(all: Definitions, wanted: GroupVersionKind): string {
  const found = Object.entries(all).find(([, schema]) => {
    const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[];
    const [only] = kinds;
    return kinds.length === 1 && only !== undefined && sameKind(only, wanted);
  });
  if (found === undefined) throw new Error(`no definition of ${JSON.stringify(wanted)}`);
  return found[0];
}

function sameKind(a: GroupVersionKind, b: GroupVersionKind): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

function kindOf(groupVersion: string, resource: Resource): GroupVersionKind {
  const [first = '', second] = groupVersion.split('/');
  const own = second === undefined ? { group: '', version: first } : { group: first, version: second };
  return {
    group: resource.group ?? own.group,
    version: resource.version ?? own.version,
    kind: resource.kind,
  };
}

/** The roles and bindings that every cluster with RBAC begins with, without what differs between clusters. */
async function readBootstrapRoles(): Promise<Record<string, unknown>> {
  const bootstrap: Record<string, unknown> = {};
  for (const plural of ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings']) {
    const list = (await get(`/apis/rbac.authorization.k8s.io/v1/${plural}`)) as {
      readonly items: readonly { readonly metadata: Readonly<Record<string, unknown>> }[];
    };
    bootstrap[plural] = list.items.filter(isBootstrap).map(({ metadata, ...rest }) => {
      const { uid: _u, resourceVersion: _r, creationTimestamp: _c, managedFields: _m, ...kept } = metadata;
      return { metadata: kept, ...rest };
    });
  }
  return bootstrap;
}

function isBootstrap(item: { readonly metadata: Readonly<Record<string, unknown>> }): boolean {
  const labels = item.metadata['labels'] as Readonly<Record<string, string>> | undefined;
  return labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

const resources = await readResources();
const all = await readDefinitions();
const kinds = Object.entries(resources).flatMap(([groupVersion, list]) =>
  list.map((resource) => definitionOf(all, kindOf(groupVersion, resource))),
);
const names = closure(all, [...new Set([...kinds, ...EXTRA_DEFINITIONS])]);
const types = new GoTypes(moduleDirectories());

write('version.json', await get('/version'));
write('resources.json', resources);
write('columns.json', await readColumns(resources));
write('bootstrap-roles.json', await readBootstrapRoles());
write(
  'definitions.json',
  Object.fromEntries(names.map((name) => [name, compactDefinition(name, all[name] ?? {}, types)])),
);
write('descriptions.json', Object.fromEntries(names.map((name) => [name, descriptionsOf(all[name] ?? {})])));

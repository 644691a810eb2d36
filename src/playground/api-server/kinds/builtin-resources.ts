/** The resources of the built-in kinds, made of their schemas and rules. */
import { BuiltinCodec, defaultedBlank } from '../resources/codec.ts';
import { type KindRules, kindRules } from '../resources/kind-rules.ts';
import { type Resource, type ScalePaths, makeResource } from '../resources/resource.ts';
import type { DiscoveredResource, Schemas } from '../schema/load-schemas.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { EVENT_VIEW } from './event-view.ts';
import { KIND_OPTIONS } from './kind-options.ts';
import type { BuiltinOptions } from './builtin-options.ts';

const REPLICAS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

/** Every built-in resource, in the order of discovery. */
export function builtinResources(schemas: Schemas): readonly Resource[] {
  return Object.entries(schemas.resources).flatMap(([groupVersion, discovered]) => {
    const main = discovered.filter(({ name }) => !name.includes('/'));
    return main.map((resource) => builtinResource(schemas, groupVersion, familyOf(discovered, resource)));
  });
}

type Family = readonly [DiscoveredResource, ...DiscoveredResource[]];

/** The resource and its subresources. */
function familyOf(discovered: readonly DiscoveredResource[], resource: DiscoveredResource): Family {
  return [resource, ...discovered.filter(({ name }) => name.startsWith(`${resource.name}/`))];
}

function builtinResource(schemas: Schemas, groupVersion: string, family: Family): Resource {
  const [main] = family;
  const { group, version } = splitGroupVersion(groupVersion);
  const { name: plural, kind, namespaced } = main;
  const has = (subresource: string): boolean =>
    family.some(({ name }) => name === `${plural}/${subresource}`);
  const node = schemas.definitions.ofKind({ group, version, kind });
  const isModernEvent = group === 'events.k8s.io';
  return makeResource({
    group,
    version,
    plural,
    kind,
    namespaced,
    singular: main.singularName,
    listKind: `${kind}List`,
    discovery: family,
    node,
    codec: new BuiltinCodec(node, { apiVersion: groupVersion, kind }),
    rules: rulesOf(node, KIND_OPTIONS[`${group}/${plural}`] ?? {}, has('status')),
    scale: has('scale') ? REPLICAS : undefined,
    stored: isModernEvent ? { group: '', plural } : { group, plural },
    view: isModernEvent ? EVENT_VIEW : undefined,
    customSchema: undefined,
  });
}

/** `apps/v1` → apps and v1; `v1` → the core group and v1. */
export function splitGroupVersion(groupVersion: string): {
  readonly group: string;
  readonly version: string;
} {
  const slash = groupVersion.indexOf('/');
  return { group: slash < 0 ? '' : groupVersion.slice(0, slash), version: groupVersion.slice(slash + 1) };
}

function rulesOf(node: SchemaNode, options: BuiltinOptions, hasStatus: boolean): KindRules {
  const { statusKeepsMeta, validateStatus, keepsStatusOnCreate = false, ...rest } = options;
  const statusNode = node.fields.get('status')?.node;
  if (!hasStatus || statusNode === undefined) return kindRules(rest);
  return kindRules({
    ...rest,
    status: {
      blank: defaultedBlank(statusNode),
      keepsOnCreate: keepsStatusOnCreate,
      ...(statusKeepsMeta === undefined ? {} : { keepsMeta: statusKeepsMeta }),
      ...(validateStatus === undefined ? {} : { validate: validateStatus }),
    },
  });
}

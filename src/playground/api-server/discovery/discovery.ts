/** What the server serves, as it tells its clients: group by group, and all at once. */
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import type { DiscoveredResource } from '../schema/load-schemas.ts';
import type { JsonObject } from '../json/json.ts';

/** Versions of one group, the preferred one first. */
interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

/** Serves discovery documents from the registry as it is at the moment. */
export class Discovery {
  readonly #registry: Registry;
  readonly #aggregated: (() => readonly AggregatedGroup[])[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Adds groups that something else serves, such as metrics.k8s.io. */
  addGroups(groups: () => readonly AggregatedGroup[]): void {
    this.#aggregated.push(groups);
  }

  /** `/api`. */
  coreVersions(): JsonObject {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
    };
  }

  /** `/apis`. */
  groupList(): JsonObject {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groups().map(groupOf) };
  }

  /** `/apis/<group>`; undefined where there is none. */
  group(name: string): JsonObject | undefined {
    const group = this.#groups().find((candidate) => candidate.name === name);
    return group === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) };
  }

  /** `/api/v1` or `/apis/<group>/<version>`; undefined where there is none. */
  resourceList(group: string, version: string): JsonObject | undefined {
    const resources = this.#resourcesOf(group, version);
    if (resources.length === 0) return undefined;
    const groupVersion = group === '' ? version : `${group}/${version}`;
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
  }

  /** `/api` and `/apis` in the form that holds everything. */
  aggregated(isCore: boolean): JsonObject {
    const groups = isCore ? [{ name: '', versions: ['v1'] }] : this.#groups();
    const items = groups.map((group) => ({
      metadata: group.name === '' ? {} : { name: group.name },
      versions: group.versions.map((version) => ({
        version,
        resources: aggregatedResources(this.#resourcesOf(group.name, version)),
        freshness: 'Current',
      })),
    }));
    return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
  }

  #resourcesOf(group: string, version: string): readonly DiscoveredResource[] {
    const own = this.#registry
      .all()
      .filter((resource) => resource.group === group && resource.version === version)
      .flatMap(({ discovery }) => discovery);
    const others = this.#others().filter((other) => other.group === group && other.version === version);
    return [...own, ...others.flatMap(({ resources }) => resources)];
  }

  #others(): readonly AggregatedGroup[] {
    return this.#aggregated.flatMap((groups) => groups());
  }

  #groups(): readonly Group[] {
    const versions = new Map<string, string[]>();
    const all: readonly Pick<Resource, 'group' | 'version'>[] = [...this.#registry.all(), ...this.#others()];
    for (const { group, version } of all) {
      if (group === '') continue;
      const known = versions.get(group) ?? [];
      if (!known.includes(version)) known.push(version);
      versions.set(group, known);
    }
    return [...versions].map(([name, found]) => ({ name, versions: found.sort(compareVersions) }));
  }
}

/** A group version that is not in the registry. */
export interface AggregatedGroup {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly DiscoveredResource[];
}

function groupOf({ name, versions }: Group): JsonObject {
  const named = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: named, preferredVersion: named[0] };
}

/** Stable versions before betas before alphas, higher numbers first; anything else last, by name. */
export function compareVersions(a: string, b: string): number {
  const first = versionRank(a);
  const second = versionRank(b);
  if (first === undefined || second === undefined) {
    if (first === second) return a < b ? -1 : 1;
    return first === undefined ? 1 : -1;
  }
  const index = first.findIndex((part, position) => part !== second[position]);
  return index < 0 ? 0 : (second[index] ?? 0) - (first[index] ?? 0);
}

function versionRank(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  const [, major, stage, minor] = match;
  const rank = stage === undefined ? 2 : stage === 'beta' ? 1 : 0;
  return [rank, Number(major), Number(minor ?? 0)];
}

/** Subresources are nested in the resources they belong to. */
function aggregatedResources(resources: readonly DiscoveredResource[]): readonly JsonObject[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const subresources = resources.filter(({ name }) => name.startsWith(`${resource.name}/`));
      return {
        resource: resource.name,
        responseKind: responseKind(resource),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
        ...(resource.categories === undefined ? {} : { categories: resource.categories }),
        ...(subresources.length === 0 ? {} : { subresources: subresources.map(aggregatedSubresource) }),
      };
    });
}

function aggregatedSubresource(subresource: DiscoveredResource): JsonObject {
  return {
    subresource: subresource.name.slice(subresource.name.indexOf('/') + 1),
    responseKind: responseKind(subresource),
    verbs: subresource.verbs,
  };
}

function responseKind({ group = '', version = '', kind }: DiscoveredResource): JsonObject {
  return { group, version, kind };
}

/** What a component may do on the API server, declared as data beside the code that does it. */
import type { ResourceType } from '#kube/client/resource-type.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface Permission {
  readonly group: string;
  /** Plurals, with the subresource where one is meant: `pods`, `pods/eviction`. */
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  /** Only these objects; does not work for list, watch and create of collections. */
  readonly names?: readonly string[];
  /** Only in the namespace that the product itself runs in. */
  readonly ownNamespace?: boolean;
}

/** What an informer needs. */
export const WATCH: readonly Verb[] = ['list', 'watch'];
/** What an informer and single reads need. */
export const READ: readonly Verb[] = ['get', ...WATCH];

/** The permission to do `verbs` to objects of a type, or to some of its subresources. */
export function allow(
  type: ResourceType,
  verbs: readonly Verb[],
  options: Pick<Permission, 'names' | 'ownNamespace'> & { readonly subresource?: string } = {},
): Permission {
  const { subresource, ...rest } = options;
  const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
  return { group: type.group, resources: [resource], verbs, ...rest };
}

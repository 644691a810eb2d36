/** RBAC objects from declared permissions: what the manifests grant is what the code says it needs, no more. */
import type {
  ClusterRole,
  PolicyRule,
  Role,
  RoleBinding,
  ClusterRoleBinding,
  ServiceAccount,
} from '#apis/kubernetes/builtin.ts';
import type { Permission, Verb } from './permission.ts';

export interface RbacOptions {
  /** The name of all objects. */
  readonly name: string;
  /** Where the product runs. */
  readonly namespace: string;
  readonly serviceAccount?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RbacManifests {
  readonly serviceAccount: ServiceAccount;
  readonly clusterRole: ClusterRole;
  readonly clusterRoleBinding: ClusterRoleBinding;
  /** For what is needed in the product's own namespace only. */
  readonly role: Role;
  readonly roleBinding: RoleBinding;
}

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;

export function rbacManifests(permissions: readonly Permission[], options: RbacOptions): RbacManifests {
  const { name, namespace, serviceAccount = name, labels } = options;
  const shared = { name, ...(labels === undefined ? {} : { labels: { ...labels } }) };
  const local = { ...shared, namespace };
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const own = permissions.filter((permission) => permission.ownNamespace === true);
  const everywhere = permissions.filter((permission) => permission.ownNamespace !== true);
  return {
    serviceAccount: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...local, name: serviceAccount },
    },
    clusterRole: {
      apiVersion: API_VERSION,
      kind: 'ClusterRole',
      metadata: shared,
      rules: rulesOf(everywhere),
    },
    clusterRoleBinding: {
      apiVersion: API_VERSION,
      kind: 'ClusterRoleBinding',
      metadata: shared,
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
      subjects,
    },
    role: { apiVersion: API_VERSION, kind: 'Role', metadata: local, rules: rulesOf(own) },
    roleBinding: {
      apiVersion: API_VERSION,
      kind: 'RoleBinding',
      metadata: local,
      roleRef: { apiGroup: GROUP, kind: 'Role', name },
      subjects,
    },
  };
}

/** One right: a verb on a resource, of all objects or of one. */
interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: Verb;
  readonly name: string | undefined;
}

const VERB_ORDER: readonly Verb[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];

/** The shortest readable rules: resources of a group that need the same verbs stand together. */
export function rulesOf(permissions: readonly Permission[]): PolicyRule[] {
  const rights = uniqueRights(permissions.flatMap(rightsOf));
  const byResource = Map.groupBy(rights, ({ group, resource, name }) =>
    JSON.stringify([group, resource, name ?? null]),
  );
  const entries = [...byResource.values()].map((same) => {
    const [first] = same as [Right, ...Right[]];
    return { ...first, verbs: VERB_ORDER.filter((verb) => same.some((right) => right.verb === verb)) };
  });
  const grouped = Map.groupBy(entries, ({ group, name, verbs }) =>
    JSON.stringify([group, name ?? null, verbs]),
  );
  const rules = [...grouped.values()].map((same) => {
    const [{ group, name, verbs }] = same as [(typeof same)[number], ...typeof same];
    return {
      apiGroups: [group],
      resources: same.map(({ resource }) => resource).sort(),
      ...(name === undefined ? {} : { resourceNames: [name] }),
      verbs: [...verbs],
    };
  });
  return rules.sort((a, b) => (ruleKey(a) < ruleKey(b) ? -1 : 1));
}

function ruleKey(rule: PolicyRule): string {
  return JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames ?? []]);
}

function rightsOf(permission: Permission): Right[] {
  const { group, resources, verbs, names } = permission;
  return resources.flatMap((resource) =>
    verbs.flatMap((verb) => (names ?? [undefined]).map((name) => ({ group, resource, verb, name }))),
  );
}

/** Without doubles, and without the right to one object where there is the right to all. */
function uniqueRights(rights: readonly Right[]): Right[] {
  const known = new Map(rights.map((right) => [rightKey(right), right]));
  return [...known.values()].filter(
    (right) => right.name === undefined || !known.has(rightKey({ ...right, name: undefined })),
  );
}

function rightKey({ group, resource, verb, name }: Right): string {
  return JSON.stringify([group, resource, verb, name ?? null]);
}

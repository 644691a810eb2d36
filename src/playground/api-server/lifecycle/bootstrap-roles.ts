/** The roles and bindings that every cluster with RBAC has from its first second. */
import type { JsonObject } from '../json/json.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { requireResource, seedObject } from './seed-object.ts';

const KINDS = {
  clusterroles: 'ClusterRole',
  clusterrolebindings: 'ClusterRoleBinding',
  roles: 'Role',
  rolebindings: 'RoleBinding',
} as const;

export type BootstrapRoles = Readonly<Record<keyof typeof KINDS, readonly JsonObject[]>>;

export async function loadBootstrapRoles(): Promise<BootstrapRoles> {
  const file = await import('../schemas/bootstrap-roles.json', { with: { type: 'json' } });
  return file.default;
}

export function seedRoles(parts: ServerParts, roles: BootstrapRoles): void {
  for (const [plural, kind] of Object.entries(KINDS)) {
    const resource = requireResource(parts, 'rbac.authorization.k8s.io/v1', kind);
    for (const role of roles[plural as keyof typeof KINDS]) seedObject(parts, resource, role);
  }
}

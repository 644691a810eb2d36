/** What the controller may do on the API server; the RBAC manifests are generated from this. */
import {
  CONFIG_MAPS,
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  NODES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import { allow, type Permission, READ } from '#runtime/rbac/permission.ts';
import { COST_OPTIMIZATIONS, VERTICAL_POD_AUTOSCALERS } from './stores.ts';

/** The name of the Secret whose keys seal rollback state. */
export const KEY_SECRET = 'kcloud-rollback-key';

export const PERMISSIONS: readonly Permission[] = [
  // The status is ours; the spec is the user's. Finalizers need patch on the object itself.
  allow(COST_OPTIMIZATIONS, [...READ, 'patch']),
  allow(COST_OPTIMIZATIONS, ['patch'], { subresource: 'status' }),
  ...[DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS].map((type) => allow(type, [...READ, 'patch'])),
  allow(PODS, READ),
  allow(PODS, ['patch'], { subresource: 'resize' }),
  allow(HORIZONTAL_POD_AUTOSCALERS, [...READ, 'patch']),
  ...[POD_DISRUPTION_BUDGETS, NODES, NAMESPACES, VERTICAL_POD_AUTOSCALERS].map((type) => allow(type, READ)),
  // Rollback state stands beside the workload, in its namespace.
  allow(CONFIG_MAPS, ['get', 'create', 'update', 'delete']),
  allow(SECRETS, ['create'], { ownNamespace: true }),
  allow(SECRETS, ['get'], { ownNamespace: true, names: [KEY_SECRET] }),
];

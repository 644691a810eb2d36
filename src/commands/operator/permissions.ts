/** Everything that the operator may do on the API server; RBAC is generated from it, and a test runs under it. */
import { POD_METRICS } from '#adapters/metrics/embedded/collector/metrics-api.ts';
import { PERMISSIONS } from '#controllers/cost-optimization/permissions.ts';
import { PERMISSIONS as BOOST_PERMISSIONS } from '#controllers/startup-boost/controller.ts';
import { EVENTS, LEASES, REPLICA_SETS, SERVICES } from '#kube/client/builtin-types.ts';
import { ManagedCertificates } from '#runtime/certificates/managed-certificates.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';
import { webhookPermissions } from '#webhooks/webhooks.ts';
import { LEASE } from './operator.ts';
import { WEBHOOK_NAMES } from './webhook-server.ts';

export const OPERATOR_PERMISSIONS: readonly Permission[] = [
  ...PERMISSIONS,
  ...BOOST_PERMISSIONS,
  ...webhookPermissions(),
  ...ManagedCertificates.permissions(WEBHOOK_NAMES),
  allow(EVENTS, ['create', 'patch']),
  allow(LEASES, ['create'], { ownNamespace: true }),
  allow(LEASES, ['get', 'update'], { ownNamespace: true, names: [LEASE] }),
  // The embedded collector, and the search for a PromQL store.
  allow(POD_METRICS, ['list']),
  allow(REPLICA_SETS, ['get', 'list']),
  allow(SERVICES, ['list']),
];

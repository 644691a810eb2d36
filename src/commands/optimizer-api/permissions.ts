/** Everything that the optimizer API may do on the API server; RBAC is generated from it. */
import { POD_METRICS } from '#adapters/metrics/embedded/collector/metrics-api.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { REPLICA_SETS, SERVICES } from '#kube/client/builtin-types.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';
import { LiveCluster } from '#services/recommendations/live-cluster.ts';
import { TOKEN_REVIEW_PERMISSION } from '#services/rest/access/token-reviewer.ts';

export const OPTIMIZER_API_PERMISSIONS: readonly Permission[] = [
  ...LiveCluster.permissions(COST_OPTIMIZATIONS),
  allow(COST_OPTIMIZATIONS, ['create', 'patch']),
  TOKEN_REVIEW_PERMISSION,
  // A collector of its own, and the search for a PromQL store.
  allow(POD_METRICS, ['list']),
  allow(REPLICA_SETS, ['get', 'list']),
  allow(SERVICES, ['list']),
];

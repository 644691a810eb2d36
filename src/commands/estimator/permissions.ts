/** Everything that the estimator may do on the API server; RBAC is generated from it. */
import { CONFIG_MAPS, NODES, PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';
import { TOKEN_REVIEW_PERMISSION } from '#services/rest/access/token-reviewer.ts';

/** Replicas share calibrations through it. */
export const CALIBRATION_CONFIG_MAP = 'kcloud-cost-estimator-calibrations';

export const ESTIMATOR_PERMISSIONS: readonly Permission[] = [
  allow(NODES, ['get', 'list']),
  allow(PODS, ['get', 'list']),
  allow(REPLICA_SETS, ['get', 'list']),
  { group: 'metrics.k8s.io', resources: ['nodes', 'pods'], verbs: ['get', 'list'] },
  TOKEN_REVIEW_PERMISSION,
  allow(CONFIG_MAPS, ['create'], { ownNamespace: true }),
  allow(CONFIG_MAPS, ['get', 'patch'], { ownNamespace: true, names: [CALIBRATION_CONFIG_MAP] }),
];

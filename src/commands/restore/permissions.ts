/** Everything that `kcloud restore` may do on the API server; the rights of the chart's hook are generated from it. */
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { allow, type Permission } from '#runtime/rbac/permission.ts';

export const RESTORE_PERMISSIONS: readonly Permission[] = [allow(COST_OPTIMIZATIONS, ['list', 'delete'])];

/** CostOptimization (optimization.k8s.io/v1): one workload, made cheaper and watched. */
import { type Static, Type } from 'typebox';
import type { KubeObject, ObjectMeta } from '#apis/kubernetes/object.ts';
import { CostOptimizationSpec } from './spec.ts';
import { CostOptimizationStatus } from './status.ts';

export const GROUP = 'optimization.k8s.io';

/** The schema below `metadata`, as the CRD carries it. */
export const CostOptimizationSchema = Type.Object(
  { spec: CostOptimizationSpec, status: Type.Optional(CostOptimizationStatus) },
  {
    description:
      'CostOptimization makes one workload cheaper: it analyses usage, recommends, applies, verifies and rolls back.',
  },
);

export interface CostOptimization extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly spec: Static<typeof CostOptimizationSpec>;
  readonly status?: Static<typeof CostOptimizationStatus>;
}

/** Annotations and labels of the group; the two `optimized-*` stand on changed workloads. */
export const OPTIMIZED_AT = `${GROUP}/optimized-at`;
export const OPTIMIZED_BY = `${GROUP}/optimized-by`;
export const ROLLED_BACK_AT = `${GROUP}/rolled-back-at`;
export const ROLLED_BACK_BY = `${GROUP}/rolled-back-by`;

/** Stands on pods that have more CPU while they start: what they had before, and what they got. */
export const STARTUP_BOOST = `${GROUP}/startup-boost`;

/** Request annotations on a CostOptimization. Each value is carried out once. */
export const APPROVE = `${GROUP}/approve`;
export const ROLL_BACK = `${GROUP}/rollback`;
export const ACCEPT = `${GROUP}/accept`;

export const FINALIZER = `${GROUP}/rollback`;
export const MANAGED_BY = 'cost-optimizer-operator';

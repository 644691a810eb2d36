/** Which looks at a workload answer for the recommendation types that were asked for. */
import { RECOMMENDATION_TYPES, type RecommendationTypeName } from '#apis/optimizer-api/vocabulary.ts';
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';

export interface Look {
  readonly type: OptimizationType;
  /** Replicas and schedules are looked at once sizes are right: each changes what the others need. */
  readonly onlyIfSizesAreRight: boolean;
}

const REPLICA_TYPES: readonly RecommendationTypeName[] = ['reduce_replicas', 'increase_replicas'];

/** None asked for means all. */
export function planLooks(asked: readonly RecommendationTypeName[] = RECOMMENDATION_TYPES): Look[] {
  const wants = (...types: readonly RecommendationTypeName[]): boolean =>
    types.some((type) => asked.includes(type));
  const replicas = wants(...REPLICA_TYPES);
  const sizes = sizesLook(wants('right_size_cpu'), wants('right_size_memory'));
  const types: (OptimizationType | undefined)[] = [
    sizes ?? (wants('delete_unused') && !replicas ? 'ALL' : undefined),
    replicas && sizes !== 'ALL' ? 'REPLICAS' : undefined,
    wants('spot_migration') ? 'SPOT_INSTANCES' : undefined,
    wants('scheduled_scaling') ? 'SCHEDULED_SCALING' : undefined,
  ];
  return types
    .filter((type) => type !== undefined)
    .map((type) => ({
      type,
      onlyIfSizesAreRight: sizes !== undefined && (type === 'REPLICAS' || type === 'SCHEDULED_SCALING'),
    }));
}

/** CPU and memory of a container are found together: one look for both costs half of two. */
function sizesLook(cpu: boolean, memory: boolean): OptimizationType | undefined {
  if (cpu && memory) return 'ALL';
  return cpu ? 'CPU' : memory ? 'MEMORY' : undefined;
}

/** The look that a recommendation of a type comes from, and the type of the CostOptimization that applies it. */
export function lookFor(type: RecommendationTypeName): OptimizationType {
  const looks: Readonly<Record<RecommendationTypeName, OptimizationType>> = {
    right_size_cpu: 'CPU',
    right_size_memory: 'MEMORY',
    reduce_replicas: 'REPLICAS',
    increase_replicas: 'REPLICAS',
    spot_migration: 'SPOT_INSTANCES',
    scheduled_scaling: 'SCHEDULED_SCALING',
    delete_unused: 'ALL',
  };
  return looks[type];
}

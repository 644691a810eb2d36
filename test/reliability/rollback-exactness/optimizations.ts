/** CostOptimizations as people write them, for one workload. */
import { APPROVE } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { OptimizationType } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import { pick, type Random } from '#platform/random.ts';

const OWN_SIZES: readonly OptimizationType[] = ['CPU', 'MEMORY', 'ALL', 'ALL'];

/** One optimization, or two that share the workload. */
export function randomOptimizations(random: Random, ref: WorkloadRef): readonly CostOptimization[] {
  if (random.next() < 0.2) return (['CPU', 'MEMORY'] as const).map((type) => optimization(random, ref, type));
  const types = ref.kind === 'DaemonSet' ? OWN_SIZES : [...OWN_SIZES, 'REPLICAS' as const];
  return [optimization(random, ref, pick(random, types))];
}

function optimization(random: Random, ref: WorkloadRef, type: OptimizationType): CostOptimization {
  const { kind, name } = ref;
  // Replicas of a StatefulSet want an approval.
  const asked = type === 'REPLICAS' && kind === 'StatefulSet';
  return {
    metadata: {
      name: `${name}-${type.toLowerCase()}`,
      namespace: ref.namespace,
      ...(asked || random.next() < 0.3 ? { annotations: { [APPROVE]: 'true' } } : {}),
    },
    spec: {
      targetWorkload: { kind, name },
      optimizationType: type,
      dryRun: false,
      autoApply: !asked,
      maxChangePercent: pick(random, [10, 30, 50, 80]),
      minConfidence: 0.2,
      maxRiskLevel: 'MEDIUM',
      schedule: pick(random, ['*/15 * * * *', '*/30 * * * *', '0 * * * *']),
      verificationWindow: pick(random, ['2m', '5m', '15m']),
      updateStrategy: pick(random, ['Auto', 'InPlace', 'Rollout', 'Rollout']),
      rollbackOnFailure: random.next() < 0.8,
    },
  };
}

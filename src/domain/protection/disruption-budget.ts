/** What a PodDisruptionBudget demands at a replica count. */

export interface DisruptionBudgetFacts {
  readonly name: string;
  /** A count or a percentage such as `50%`. */
  readonly minAvailable?: number | string | undefined;
  readonly maxUnavailable?: number | string | undefined;
}

/**
 * How many of `replicas` pods the budget wants healthy. Percentages round up on both fields, as the disruption
 * controller does (k8s.io/kubernetes/pkg/controller/disruption: getExpectedPodCount).
 */
export function healthyNeeded(budget: DisruptionBudgetFacts, replicas: number): number {
  if (budget.maxUnavailable !== undefined) {
    return Math.max(0, replicas - scaled(budget.maxUnavailable, replicas));
  }
  return scaled(budget.minAvailable ?? 1, replicas);
}

function scaled(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  return value.endsWith('%') ? Math.ceil((Number(value.slice(0, -1)) / 100) * total) : Number(value);
}

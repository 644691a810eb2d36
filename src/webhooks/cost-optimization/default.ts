/** What admission adds to a CostOptimization: the label by which others see who manages it. */
import { type CostOptimization, MANAGED_BY } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';

const LABEL = 'app.kubernetes.io/managed-by';

/** The object with the label; the initial status is the controller's, since a subresource drops it here. */
export function defaultCostOptimization(optimization: CostOptimization): CostOptimization {
  const { metadata } = optimization;
  return { ...optimization, metadata: { ...metadata, labels: { ...metadata.labels, [LABEL]: MANAGED_BY } } };
}

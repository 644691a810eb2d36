/** The custom resources of the product, as the API server is told of them. */
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import { CostOptimizationSchema } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { type CrdDefinition, customResourceDefinition } from '#kube/crd/crd-definition.ts';
import { COST_OPTIMIZATIONS } from './cost-optimization/stores.ts';

const COST_OPTIMIZATION: CrdDefinition = {
  type: COST_OPTIMIZATIONS,
  schema: CostOptimizationSchema,
  shortNames: ['costopt', 'co'],
  categories: ['kcloud'],
  // *.k8s.io is a protected group: without this the API server refuses the definition.
  annotations: { 'api-approved.kubernetes.io': 'unapproved, experimental-only' },
  labels: { 'app.kubernetes.io/part-of': 'kcloud' },
  printerColumns: [
    { name: 'Target', type: 'string', jsonPath: '.spec.targetWorkload.name' },
    { name: 'Type', type: 'string', jsonPath: '.spec.optimizationType' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Savings', type: 'string', jsonPath: '.status.savings', description: 'USD per month' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Confidence',
      type: 'number',
      jsonPath: '.status.currentRecommendation.confidenceScore',
      priority: 1,
    },
    { name: 'Risk', type: 'string', jsonPath: '.status.currentRecommendation.riskLevel', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
  ],
};

export const CRD_DEFINITIONS: readonly CrdDefinition[] = [COST_OPTIMIZATION];

export function customResourceDefinitions(): readonly CustomResourceDefinition[] {
  return CRD_DEFINITIONS.map(customResourceDefinition);
}

/** VerticalPodAutoscaler objects, as far as the benches read and write them. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';

type Amounts = Readonly<Partial<Record<'cpu' | 'memory', string>>>;

export interface ContainerRecommendation {
  readonly containerName: string;
  readonly target: Amounts;
  readonly lowerBound?: Amounts;
  readonly upperBound?: Amounts;
}

export interface VerticalPodAutoscalerObject extends KubeObject {
  readonly spec: {
    readonly targetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    readonly updatePolicy: { readonly updateMode: 'Off' | 'InPlaceOrRecreate' };
  };
  readonly status?: {
    readonly recommendation?: { readonly containerRecommendations?: readonly ContainerRecommendation[] };
  };
}

export const AUTOSCALERS: ResourceType<VerticalPodAutoscalerObject> = {
  group: 'autoscaling.k8s.io',
  version: 'v1',
  plural: 'verticalpodautoscalers',
  kind: 'VerticalPodAutoscaler',
  namespaced: true,
};

export function autoscalerOf(
  deployment: { readonly namespace: string; readonly name: string },
  updateMode: 'Off' | 'InPlaceOrRecreate',
): VerticalPodAutoscalerObject {
  return {
    metadata: deployment,
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.name },
      updatePolicy: { updateMode },
    },
  };
}

/** An autoscaler that scales a workload. */
import type { HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import { controllerOf } from '#apis/kubernetes/object.ts';
import type { FieldMap } from '../change/field.ts';
import { readHpaFields } from '../change/hpa-objects.ts';
import { gitOpsOwner } from '../protection/gitops.ts';
import type { WorkloadRef } from './workload-ref.ts';

export interface HpaFacts {
  readonly name: string;
  readonly fields: FieldMap;
  readonly maxReplicas?: number | undefined;
  /** Who writes the autoscaler besides its owner (KEDA, GitOps) and would write our changes back. */
  readonly manager: string | undefined;
}

export function scalesWorkload(hpa: HorizontalPodAutoscaler, ref: WorkloadRef): boolean {
  const target = hpa.spec?.scaleTargetRef;
  return hpa.metadata?.namespace === ref.namespace && target?.kind === ref.kind && target.name === ref.name;
}

export function readHpa(hpa: HorizontalPodAutoscaler): HpaFacts {
  return {
    name: hpa.metadata?.name ?? '',
    fields: readHpaFields(hpa),
    maxReplicas: hpa.spec?.maxReplicas,
    manager: managerOf(hpa),
  };
}

function managerOf(hpa: HorizontalPodAutoscaler): string | undefined {
  const owner = controllerOf(hpa);
  if (owner?.kind === 'ScaledObject') return `KEDA ScaledObject ${owner.name}`;
  return gitOpsOwner(hpa.metadata?.labels, hpa.metadata?.annotations);
}

/** The change as a patch for the source that GitOps deploys from (a kustomize strategic merge patch). */
import { stringify } from 'yaml';
import type { FieldMap } from '#domain/change/field.ts';
import type { PodPlacement } from '#domain/change/placement-objects.ts';
import { workloadSpecPatch } from '#domain/change/workload-objects.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

export function gitOpsPatch(target: WorkloadRef, changes: FieldMap, placement: PodPlacement = {}): string {
  return stringify({
    apiVersion: 'apps/v1',
    kind: target.kind,
    metadata: { name: target.name, namespace: target.namespace },
    spec: workloadSpecPatch(changes, placement),
  });
}

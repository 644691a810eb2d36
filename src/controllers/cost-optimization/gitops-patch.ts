/** The change as a patch for the source that GitOps deploys from (a kustomize strategic merge patch). */
import { stringify } from 'yaml';
import { type FieldMap, REPLICAS } from '#domain/change/field.ts';
import { podSpecPatch } from '#domain/change/workload-objects.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

export function gitOpsPatch(target: WorkloadRef, changes: FieldMap): string {
  const podSpec = podSpecPatch(changes);
  return stringify({
    apiVersion: 'apps/v1',
    kind: target.kind,
    metadata: { name: target.name, namespace: target.namespace },
    spec: {
      ...(REPLICAS in changes ? { replicas: changes[REPLICAS] } : {}),
      ...(Object.keys(podSpec).length > 0 ? { template: { spec: podSpec } } : {}),
    },
  });
}

/** The workload as it is: its sizes, its rollout, and what a resize in place would do to it. */
import { type FieldMap, type FieldPath, resourcePath } from '../change/field.ts';
import type { PodPlacement } from '../change/placement-objects.ts';
import {
  podTemplateOf,
  readWorkloadFields,
  sizedContainers,
  type WorkloadObject,
} from '../change/workload-objects.ts';
import { rolloutState, type RolloutState } from './rollout.ts';
import type { WorkloadKind } from './workload-ref.ts';

export interface TargetFacts {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Template sizes and replicas, as the object states them. */
  readonly fields: FieldMap;
  readonly annotations: Readonly<Record<string, string>>;
  readonly rollout: RolloutState;
  /** Resource fields whose resize in place restarts their container (resizePolicy RestartContainer). */
  readonly restartsOnResize: readonly FieldPath[];
  /** What else is managed here: placement for SPOT_INSTANCES, the plan for SCHEDULED_SCALING. */
  readonly declared?: FieldMap;
  /** Where its pods may run, as the template states it; read where placement is managed. */
  readonly placement?: PodPlacement;
}

export function readTarget(workload: WorkloadObject, kind: WorkloadKind): TargetFacts {
  const { metadata = {} } = workload;
  return {
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    fields: readWorkloadFields(workload, kind),
    annotations: metadata.annotations ?? {},
    rollout: rolloutState(workload, kind),
    restartsOnResize: restartsOnResize(workload),
  };
}

function restartsOnResize(workload: WorkloadObject): FieldPath[] {
  return sizedContainers(podTemplateOf(workload)?.spec).flatMap(({ in: list, container }) =>
    (container.resizePolicy ?? [])
      .filter((policy) => policy.restartPolicy === 'RestartContainer')
      .flatMap(({ resourceName }) => {
        if (resourceName !== 'cpu' && resourceName !== 'memory') return [];
        const field = { in: list, container: container.name, resource: resourceName } as const;
        return (['requests', 'limits'] as const).map((kind) => resourcePath({ ...field, list: kind }));
      }),
  );
}

/** Reads the fields that we manage from workload objects, and writes changes as patches of them. */
import type {
  Container,
  DaemonSet,
  Deployment,
  PodSpec,
  PodTemplateSpec,
  StatefulSet,
} from '#apis/kubernetes/builtin.ts';
import {
  type ContainerList,
  type FieldMap,
  type FieldPath,
  type FieldValue,
  REPLICAS,
  SCALING_PLAN,
  parseResourcePath,
  resourcePath,
} from './field.ts';
import { placementPatch, type PodPlacement } from './placement-objects.ts';
import type { WorkloadKind } from '../workload/workload-ref.ts';

/** The kinds whose pods we size. */
export type WorkloadObject = Deployment | StatefulSet | DaemonSet;

const LISTS = ['requests', 'limits'] as const;
const RESOURCES = ['cpu', 'memory'] as const;

/** A container whose size counts: an ordinary one, or a sidecar (an init container that keeps running). */
export interface SizedContainer {
  readonly in: ContainerList;
  readonly container: Container;
}

export function sizedContainers(spec: PodSpec | undefined): SizedContainer[] {
  const sidecars = (spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return [
    ...(spec?.containers ?? []).map((container) => ({ in: 'containers' as const, container })),
    ...sidecars.map((container) => ({ in: 'initContainers' as const, container })),
  ];
}

/** The sizes in a pod spec. Every resource of every sized container is in it, null where it is not set. */
export function readPodSpecFields(spec: PodSpec | undefined): FieldMap {
  const fields: Record<FieldPath, FieldValue> = {};
  for (const sized of sizedContainers(spec)) {
    for (const list of LISTS) {
      for (const resource of RESOURCES) {
        const path = resourcePath({ in: sized.in, container: sized.container.name, list, resource });
        fields[path] = sized.container.resources?.[list]?.[resource] ?? null;
      }
    }
  }
  return fields;
}

/**
 * Sizes and replicas of a workload. Replicas are 1 where unset (the API's default); a DaemonSet has none. The
 * kind is passed because list items do not carry it.
 */
export function readWorkloadFields(workload: WorkloadObject, kind: WorkloadKind): FieldMap {
  const sizes = readPodSpecFields(podTemplateOf(workload)?.spec);
  return kind === 'DaemonSet' ? sizes : { ...sizes, [REPLICAS]: statedReplicas(workload) };
}

function statedReplicas(workload: WorkloadObject): number {
  const { spec } = workload;
  return (spec !== undefined && 'replicas' in spec ? spec.replicas : undefined) ?? 1;
}

export function podTemplateOf(workload: WorkloadObject): PodTemplateSpec | undefined {
  return workload.spec?.template;
}

/** Says by which windows a workload is scaled, to people and to us. */
export const SCALING_PLAN_ANNOTATION = 'optimization.k8s.io/scaling-plan';

/** The scaling plan that stands on a workload; null where none does. */
export function readScalingPlan(workload: WorkloadObject): FieldMap {
  return { [SCALING_PLAN]: workload.metadata?.annotations?.[SCALING_PLAN_ANNOTATION] ?? null };
}

/** What a patch says besides the fields. */
export interface PatchMarks {
  /** Refuses the patch if the object changed since it was read. */
  readonly resourceVersion: string;
  /** Annotations to set on the workload; null removes one. */
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** The placement of the pod template as it is; needed where placement fields are written. */
  readonly placement?: PodPlacement;
}

/** The strategic merge patch of a pod spec that sets these container fields; null removes a value. */
export function podSpecPatch(changes: FieldMap): Record<string, unknown> {
  const lists: Record<ContainerList, Map<string, Record<string, Record<string, FieldValue>>>> = {
    containers: new Map(),
    initContainers: new Map(),
  };
  for (const [path, value] of Object.entries(changes)) {
    const field = parseResourcePath(path);
    if (field === undefined) continue;
    const resources = lists[field.in].get(field.container) ?? {};
    resources[field.list] = { ...resources[field.list], [field.resource]: value };
    lists[field.in].set(field.container, resources);
  }
  const written = Object.entries(lists).filter(([, containers]) => containers.size > 0);
  return Object.fromEntries(
    written.map(([list, containers]) => [
      list,
      [...containers].map(([name, resources]) => ({ name, resources })),
    ]),
  );
}

/** The part of a workload's spec that these fields make; empty where none of them stands there. */
export function workloadSpecPatch(changes: FieldMap, placement: PodPlacement = {}): Record<string, unknown> {
  const podSpec = { ...podSpecPatch(changes), ...placementPatch(placement, changes) };
  return {
    ...(REPLICAS in changes ? { replicas: changes[REPLICAS] } : {}),
    ...(Object.keys(podSpec).length > 0 ? { template: { spec: podSpec } } : {}),
  };
}

/** The strategic merge patch that writes these fields into a workload. */
export function workloadPatch(changes: FieldMap, marks: PatchMarks): Record<string, unknown> {
  const spec = workloadSpecPatch(changes, marks.placement);
  const plan = SCALING_PLAN in changes ? { [SCALING_PLAN_ANNOTATION]: changes[SCALING_PLAN] ?? null } : {};
  const annotations = { ...marks.annotations, ...plan };
  return {
    metadata: {
      resourceVersion: marks.resourceVersion,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(Object.keys(spec).length > 0 ? { spec } : {}),
  };
}

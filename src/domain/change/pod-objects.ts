/** The sizes that a running pod really carries, and the resize that gives it others. */
import type { Container, Pod, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import {
  type FieldMap,
  type FieldPath,
  type FieldValue,
  amountOf,
  changedFields,
  parseResourcePath,
  resourcePath,
} from './field.ts';
import { podSpecPatch, readPodSpecFields, sizedContainers } from './workload-objects.ts';

/** The sizes that the kubelet says it has put in force; the spec's where it does not say. */
export function readActualPodFields(pod: Pod): FieldMap {
  const fields: Record<FieldPath, FieldValue> = { ...readPodSpecFields(pod.spec) };
  for (const sized of sizedContainers(pod.spec)) {
    const actual = actualResources(pod, sized.container);
    if (actual === undefined) continue;
    for (const list of ['requests', 'limits'] as const) {
      for (const resource of ['cpu', 'memory'] as const) {
        const path = resourcePath({ in: sized.in, container: sized.container.name, list, resource });
        fields[path] = actual[list]?.[resource] ?? null;
      }
    }
  }
  return fields;
}

function actualResources(pod: Pod, container: Container): ResourceRequirements | undefined {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return statuses.find((status) => status.name === container.name)?.resources;
}

/** What a pod asks the scheduler for in its spec. */
export function readDesiredPodFields(pod: Pod): FieldMap {
  return readPodSpecFields(pod.spec);
}

/** The sizes that a pod should carry: its template's, overlaid with what is resized in place. */
export function desiredPodFields(template: FieldMap, overlay: FieldMap): FieldMap {
  const sizes = Object.entries({ ...template, ...overlay }).filter(
    ([path]) => parseResourcePath(path) !== undefined && path in template,
  );
  return Object.fromEntries(sizes);
}

/** The strategic patch of `pods/resize` that leads to `desired`, or undefined where the spec says so already. */
export function resizePatch(pod: Pod, desired: FieldMap): Record<string, unknown> | undefined {
  const present = readDesiredPodFields(pod);
  const changes = Object.entries(changedFields(present, desired)).filter(([path]) => path in present);
  if (changes.length === 0) return undefined;
  return { spec: podSpecPatch(Object.fromEntries(changes)) };
}

/** Quality of service classes of Kubernetes; a resize in place may never change it. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/**
 * The class that a pod of these sizes has (docs: "Pod Quality of Service Classes"): Guaranteed when every
 * container has equal requests and limits of both resources, BestEffort when nothing is set at all.
 */
export function qosClassOf(sizes: FieldMap): QosClass {
  const set = Object.values(sizes).some((value) => value !== null);
  if (!set) return 'BestEffort';
  const guaranteed = Object.entries(sizes).every(([path, value]) => {
    const field = parseResourcePath(path);
    if (field?.list !== 'limits') return true;
    // The API server fills an absent request from the limit.
    const request = sizes[resourcePath({ ...field, list: 'requests' })] ?? value;
    return value !== null && amountOf(value) === amountOf(request);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** True where the step sets a request or limit that was absent: in place it could never be taken back. */
export function addsResource(present: FieldMap, step: FieldMap): boolean {
  return Object.entries(step).some(
    ([path, value]) =>
      parseResourcePath(path) !== undefined && value !== null && (present[path] ?? null) === null,
  );
}

/** True where the resize removes a request or limit that was set: the API server refuses that in place. */
export function removesResource(present: FieldMap, desired: FieldMap): boolean {
  return Object.entries(desired).some(([path, value]) => value === null && (present[path] ?? null) !== null);
}

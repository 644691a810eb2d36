/** Pods as the power model reads them: where they run, what they asked for, which devices they were given. */
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import type { DeviceAllocation, PlacedContainer, PlacedPod } from '#domain/power/inventory.ts';
import { slimMetadata, slimPodSpec } from '#domain/workload/slim-objects.ts';
import { requestOf } from './amounts.ts';
import { defined } from './defined.ts';
import { hamiAllocations } from './hami.ts';
import { partOfResource } from './machine-facts.ts';

/** Those that were placed and have not ended. `memoryOfDevice` in MiB by UUID. */
export function placedPods(
  pods: readonly Pod[],
  memoryOfDevice: ReadonlyMap<string, number>,
): readonly PlacedPod[] {
  return pods.filter(isRunning).map((pod) => placedPod(pod, memoryOfDevice));
}

function isRunning({ spec, status }: Pod): boolean {
  return spec?.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function placedPod(pod: Pod, memoryOfDevice: ReadonlyMap<string, number>): PlacedPod {
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {};
  const allocations = hamiAllocations(pod.metadata?.annotations ?? {}, memoryOfDevice);
  return {
    namespace,
    pod: name,
    uid,
    ...placeOf(pod),
    startedMs: startOf(pod),
    containers: lastingContainers(pod).map((each, index) => placedContainer(each, allocations[index] ?? [])),
  };
}

/** The containers, and init containers that stay for the life of the pod. */
function lastingContainers({ spec }: Pod): readonly Container[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(spec?.containers ?? []), ...sidecars];
}

function placeOf({ spec, status }: Pod): Pick<PlacedPod, 'node' | 'ip'> {
  const ip = spec?.hostNetwork === true ? undefined : status?.podIP;
  return { node: spec?.nodeName ?? '', ...defined({ ip }) };
}

function startOf({ metadata, status }: Pod): number {
  const startedMs = Date.parse(status?.startTime ?? metadata?.creationTimestamp ?? '');
  return Number.isNaN(startedMs) ? 0 : startedMs;
}

function placedContainer(
  { name, resources = {} }: Container,
  allocations: readonly DeviceAllocation[],
): PlacedContainer {
  const { requests = {}, limits = {} } = resources;
  const devices = { gpu: 0, npu: 0 };
  for (const [resource, amount] of Object.entries({ ...limits, ...requests })) {
    const part = partOfResource(resource);
    if (part !== undefined) devices[part] += requestOf(amount) ?? 0;
  }
  return {
    container: name,
    ...defined({
      cpuRequestCores: requestOf(requests['cpu']),
      memoryRequestBytes: requestOf(requests['memory']),
    }),
    gpus: devices.gpu,
    npus: devices.npu,
    allocations,
  };
}

/** Some hundred bytes of a pod instead of kilobytes. */
export function slimPlacedPod({ metadata, spec, status }: Pod): Pod {
  return {
    metadata: slimMetadata(metadata),
    spec: { ...slimPodSpec(spec), ...defined({ hostNetwork: spec?.hostNetwork }) },
    status: defined({ phase: status?.phase, podIP: status?.podIP, startTime: status?.startTime }),
  };
}

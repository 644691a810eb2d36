/** GPUs as Kepler 0.11 sees them (experimental, NVIDIA only): taken where no vendor's exporter is. */
import type { DeviceHolder, DeviceReading } from '#domain/power/readings.ts';
import { containerKey } from '#domain/power/inventory.ts';
import { entry, nodeOf, type Naming } from './exporter.ts';
import type { PowerSample } from './samples.ts';

type ByBase = ReadonlyMap<string, readonly PowerSample[]>;

export function keplerDevices(byBase: ByBase, naming: Naming): readonly DeviceReading[] {
  const holders = holdersByNode(byBase.get('kepler_container_gpu') ?? [], naming);
  // By node as well: without a uuid, or with one that two nodes tell, each node still has its own.
  const keyOf = (sample: PowerSample): string => `${nodeOf(sample, naming)}/${uuidOf(sample)}`;
  const idle = new Map(
    (byBase.get('kepler_node_gpu_idle') ?? []).map((sample) => [keyOf(sample), sample.value]),
  );
  const devices = new Map<string, DeviceReading>();
  for (const sample of byBase.get('kepler_node_gpu') ?? []) {
    const key = keyOf(sample);
    const uuid = uuidOf(sample);
    const node = nodeOf(sample, naming);
    const idleWatts = idle.get(key);
    devices.set(key, {
      node,
      uuid,
      part: 'gpu',
      ...makeOf(sample),
      watts: Math.max(sample.value, devices.get(key)?.watts ?? 0),
      ...(idleWatts === undefined ? {} : { idleWatts }),
      holders: [...(holders.get(node)?.values() ?? [])],
      origin: 'measured',
      sources: ['kepler'],
      atMs: sample.atMs,
    });
  }
  return [...devices.values()];
}

function uuidOf({ labels }: PowerSample): string {
  return labels['gpu_uuid'] ?? '';
}

function makeOf({ labels }: PowerSample): Pick<DeviceReading, 'vendor' | 'model'> {
  const { gpu_name: model = '', vendor = 'nvidia' } = labels;
  return { vendor: vendor.toLowerCase(), ...(model === '' ? {} : { model }) };
}

/** Kepler tells what each container draws of all GPUs of its node together: that is its use of each. */
function holdersByNode(
  samples: readonly PowerSample[],
  naming: Naming,
): ReadonlyMap<string, ReadonlyMap<string, DeviceHolder>> {
  const nodes = new Map<string, Map<string, DeviceHolder>>();
  for (const sample of samples) {
    const pod = naming.pods.withUid(sample.labels['pod_id'] ?? '');
    if (pod === undefined || sample.value <= 0) continue;
    const ref = { namespace: pod.namespace, pod: pod.pod, container: sample.labels['container_name'] ?? '' };
    const holders = entry(nodes, nodeOf(sample, naming), () => new Map<string, DeviceHolder>());
    const before = holders.get(containerKey(ref))?.use ?? 0;
    holders.set(containerKey(ref), { ...ref, use: Math.max(before, sample.value) });
  }
  return nodes;
}

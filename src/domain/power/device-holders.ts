/** Who holds a device, where the exporter does not say: allocations of a scheduler, or what the pods asked for. */
import { containerKey, type PlacedContainer, type PlacedPod } from './inventory.ts';
import type { DeviceHolder, DeviceReading } from './readings.ts';

interface Candidate {
  readonly holder: DeviceHolder;
  readonly container: PlacedContainer;
}

/**
 * The devices of one node and part with their holders. In this order: allocations that name the device (HAMi), which
 * also tell shares; what the exporter says; else every container that asked for devices holds of each as much as of all
 * of them together, which is exact where one holds them all.
 */
export function withHolders(
  devices: readonly DeviceReading[],
  pods: readonly PlacedPod[],
): readonly DeviceReading[] {
  const candidates = pods.flatMap(({ namespace, pod, containers }) =>
    containers.map((container) => ({
      holder: { namespace, pod, container: container.container },
      container,
    })),
  );
  const nobodyIsNamed = devices.every(({ holders }) => holders.length === 0);
  return devices.map((device) => {
    const named = [...allocated(device, candidates), ...toldHolders(device, candidates)];
    if (named.length > 0 || !nobodyIsNamed) return { ...device, holders: merged(named) };
    return { ...device, holders: byRequest(device, devices.length, candidates) };
  });
}

function allocated({ uuid }: DeviceReading, candidates: readonly Candidate[]): readonly DeviceHolder[] {
  return candidates.flatMap(({ holder, container }) =>
    container.allocations
      .filter((allocation) => allocation.uuid === uuid)
      .map(({ share }) => ({ ...holder, ...(share === undefined ? {} : { share }) })),
  );
}

/** An exporter whose own pod's labels stand where a holder's should is no holder: it asked for no device. */
function toldHolders(
  { holders, part }: DeviceReading,
  candidates: readonly Candidate[],
): readonly DeviceHolder[] {
  const pods = new Map<string, boolean>();
  for (const { holder, container } of candidates) {
    const asks = devicesOf(container, part) > 0 || container.allocations.length > 0;
    const key = `${holder.namespace}/${holder.pod}`;
    pods.set(key, asks || pods.get(key) === true);
  }
  return holders.filter(({ namespace, pod }) => pods.get(`${namespace}/${pod}`) ?? !/exporter/.test(pod));
}

function byRequest(
  { part }: DeviceReading,
  devices: number,
  candidates: readonly Candidate[],
): readonly DeviceHolder[] {
  const asking = candidates.filter(({ container }) => devicesOf(container, part) > 0);
  return asking.map(({ holder, container }) => ({
    ...holder,
    share: devicesOf(container, part) / devices,
  }));
}

function devicesOf({ gpus, npus }: PlacedContainer, part: DeviceReading['part']): number {
  return part === 'gpu' ? gpus : npus;
}

/** The same holder as told by two: what either knows. */
function merged(holders: readonly DeviceHolder[]): readonly DeviceHolder[] {
  const found = new Map<string, DeviceHolder>();
  for (const holder of holders) {
    const before = found.get(containerKey(holder));
    const share = before?.share ?? holder.share;
    const use = before?.use ?? holder.use;
    found.set(containerKey(holder), {
      ...holder,
      ...(share === undefined ? {} : { share }),
      ...(use === undefined ? {} : { use }),
    });
  }
  return [...found.values()];
}

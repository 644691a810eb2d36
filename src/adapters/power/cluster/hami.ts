/**
 * Which parts of which devices HAMi gave to the containers of a pod (project-hami.io, docs "Protocol"): the annotation
 * `hami.io/vgpu-devices-allocated` lists `uuid,type,memoryMiB,corePercent:` per device and ends a container with `;`.
 */
import type { DeviceAllocation } from '#domain/power/inventory.ts';

type Annotations = Readonly<Record<string, string>>;

const ALLOCATED = 'hami.io/vgpu-devices-allocated';
const REGISTERED = 'hami.io/node-nvidia-register';

/** By position of the container in its pod. `memoryOfDevice` in MiB by UUID, for shares of memory alone. */
export function hamiAllocations(
  annotations: Annotations,
  memoryOfDevice: ReadonlyMap<string, number>,
): readonly (readonly DeviceAllocation[])[] {
  const containers = (annotations[ALLOCATED] ?? '').split(';');
  return containers.map((text) =>
    text.split(':').flatMap((device) => {
      const [uuid = '', , memory = '', cores = ''] = device.trim().split(',');
      return uuid === '' ? [] : [{ uuid, ...shareOf(uuid, [Number(memory), Number(cores)], memoryOfDevice) }];
    }),
  );
}

/** Cores say how much of the device's work it may do; where they are not limited (0), its memory tells its share. */
function shareOf(
  uuid: string,
  [memoryMib, corePercent]: readonly [number, number],
  memoryOfDevice: ReadonlyMap<string, number>,
): { readonly share?: number } {
  if (corePercent > 0) return { share: Math.min(1, corePercent / 100) };
  const total = memoryOfDevice.get(uuid);
  if (total === undefined || !(memoryMib > 0)) return {};
  return { share: Math.min(1, memoryMib / total) };
}

/** The memory of a node's devices in MiB by UUID: JSON in newer HAMi, `uuid,count,memory,cores,…:` in older. */
export function hamiDevices(annotations: Annotations): readonly (readonly [string, number])[] {
  const text = annotations[REGISTERED] ?? '';
  return (text.trim().startsWith('[') ? jsonDevices(text) : listedDevices(text)).filter(
    ([uuid, memory]) => uuid !== '' && memory > 0,
  );
}

function listedDevices(text: string): readonly (readonly [string, number])[] {
  return text.split(':').map((device) => {
    const [uuid = '', , memory = ''] = device.trim().split(',');
    return [uuid, Number(memory)] as const;
  });
}

function jsonDevices(text: string): readonly (readonly [string, number])[] {
  try {
    const parsed = JSON.parse(text) as unknown;
    return Array.isArray(parsed) ? parsed.map(jsonDevice) : [];
  } catch {
    return [];
  }
}

function jsonDevice(value: unknown): readonly [string, number] {
  if (typeof value !== 'object' || value === null) return ['', 0];
  const { id = '', devmem = 0 } = value as { readonly id?: unknown; readonly devmem?: unknown };
  return [typeof id === 'string' ? id : '', typeof devmem === 'number' ? devmem : 0];
}

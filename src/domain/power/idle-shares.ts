/**
 * Who pays for what a node draws at idle: each container by the part of the machine that it requested, of the processor
 * and the board by cores, of the memory by bytes. What nobody requested stays with the system.
 */
import { containerKey, type MachineFacts, type PlacedContainer, type PlacedPod } from './inventory.ts';
import type { ContainerRef } from './power.ts';
import type { HostDraw } from './host-draw.ts';

export interface IdleShare extends ContainerRef {
  readonly podUid: string;
  readonly watts: number;
}

type Amount = (container: PlacedContainer) => number;

/** By `containerKey`. One entry per placed container; all zero where the machine's size is not known. */
export function idleShares(
  idle: NonNullable<HostDraw['idle']>,
  pods: readonly PlacedPod[],
  machine: MachineFacts | undefined,
): ReadonlyMap<string, IdleShare> {
  const cores: Amount = ({ cpuRequestCores = 0 }) => cpuRequestCores;
  const bytes: Amount = ({ memoryRequestBytes = 0 }) => memoryRequestBytes;
  const perCore = wattsPerUnit((idle.cpu ?? 0) + (idle.other ?? 0), machine?.cpuCores, total(pods, cores));
  const perByte = wattsPerUnit(idle.dram ?? 0, machine?.memoryBytes, total(pods, bytes));
  return new Map(
    pods.flatMap(({ namespace, pod, uid, containers }) =>
      containers.map((container) => {
        const ref = { namespace, pod, container: container.container };
        const watts = cores(container) * perCore + bytes(container) * perByte;
        return [containerKey(ref), { ...ref, podUid: uid, watts }] as const;
      }),
    ),
  );
}

function total(pods: readonly PlacedPod[], amount: Amount): number {
  return pods.reduce(
    (sum, { containers }) => sum + containers.reduce((inner, each) => inner + amount(each), 0),
    0,
  );
}

/** More than there is cannot be requested; where it is (a machine that shrank), the requests share all of it. */
function wattsPerUnit(watts: number, capacity: number | undefined, requested: number): number {
  if (capacity === undefined || !(capacity > 0)) return 0;
  return watts / Math.max(capacity, requested);
}

/** What the exposition reads of a running fleet. */
import type { FleetContext } from '../fleet-context.ts';
import type { FleetUsage, PodUsage } from '../usage/fleet-usage.ts';

export interface FleetView {
  readonly context: FleetContext;
  readonly usage: FleetUsage;
}

/** What a node itself uses for its system, kubelet and container runtime. */
export const SYSTEM_CORES = 0.06;
export const SYSTEM_BYTES = 450 * 1024 * 1024;

export function podsOn({ usage }: FleetView, nodeName: string): readonly PodUsage[] {
  return [...usage.pods()].filter((pod) => pod.nodeName === nodeName);
}

/** Working set of all containers of a pod. */
export function podMemoryBytes(pod: PodUsage, atMs: number): number {
  let bytes = 0;
  for (const meter of pod.meters.values()) bytes += meter.gauges(atMs).memoryBytes;
  return bytes;
}

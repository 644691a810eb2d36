/** What must be known of machines and pods to spread watts over them. An amount that is not known is undefined. */
import type { ContainerRef } from './power.ts';

/** Accelerators of one kind in one machine. */
export interface AcceleratorFacts {
  readonly part: 'gpu' | 'npu';
  /** The domain of the extended resource without its end: `nvidia`, `amd`, `rebellions`, `furiosa`. */
  readonly vendor: string;
  /** E.g. `NVIDIA-A100-SXM4-80GB`, as the vendor's discovery labels say. */
  readonly model?: string;
  readonly count: number;
}

export interface MachineFacts {
  readonly node: string;
  /** Since when it is there, where known. */
  readonly startedMs?: number;
  readonly instanceType?: string;
  /** The micro-architecture of its processor as node feature discovery tells it, e.g. `Ice Lake`. */
  readonly processor?: string;
  readonly cpuCores?: number;
  readonly memoryBytes?: number;
  readonly accelerators: readonly AcceleratorFacts[];
  /** Other names of it: addresses and host names, by which exporters may call it. */
  readonly aliases: readonly string[];
}

/** A part of one device that a scheduler gave to a container (HAMi). */
export interface DeviceAllocation {
  readonly uuid: string;
  /** 0–1 of the device; undefined where the allocation tells none. */
  readonly share?: number;
}

export interface PlacedContainer {
  readonly container: string;
  readonly cpuRequestCores?: number;
  readonly memoryRequestBytes?: number;
  /** Devices that it asked for, by part; with time-slicing, slots of devices. */
  readonly gpus: number;
  readonly npus: number;
  readonly allocations: readonly DeviceAllocation[];
}

/** A pod that runs on a node. */
export interface PlacedPod {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly node: string;
  readonly startedMs: number;
  /** Undefined for pods on the host's network, which share its address. */
  readonly ip?: string;
  readonly containers: readonly PlacedContainer[];
}

export interface PowerInventory {
  readonly machines: readonly MachineFacts[];
  readonly pods: readonly PlacedPod[];
}

/** What one container was using. */
export interface ContainerUse extends ContainerRef {
  readonly cpuCores: number;
}

/** What was being used at a time. A container that is not listed is not known. */
export interface ClusterUse {
  /** What told it, for people: `metrics.k8s.io`, `cadvisor`, `usage history`. */
  readonly source: string;
  readonly atMs: number;
  readonly containers: readonly ContainerUse[];
  /** What whole nodes use, with what runs outside of containers, where the source tells. */
  readonly nodes?: readonly { readonly node: string; readonly cpuCores: number }[];
}

/** One text per container, for maps. */
export function containerKey({ namespace, pod, container }: ContainerRef): string {
  return `${namespace}/${pod}/${container}`;
}

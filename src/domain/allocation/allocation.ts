/**
 * What is split, and what comes out: the price of every node over a time, shared by the pods that ran on it, with what
 * nobody held as its own line. Pods and idle sum to the node, nodes to the cluster. See docs/adr/0016.
 */
import type { ResourcePrices } from '../cost/resource-prices.ts';

/** The parts of a machine that pods hold: cores, bytes, whole GPUs. */
export const MACHINE_PARTS = ['cpu', 'memory', 'gpu'] as const;
export type MachinePart = (typeof MACHINE_PARTS)[number];

/** One number for each part. */
export type Parts = Readonly<Record<MachinePart, number>>;

/** A node while it was there. One that was made anew under the same name is another. */
export interface NodeSpan {
  readonly name: string;
  /** Of the machine, e.g. the provider's; the name where it has none. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly capacity: Parts;
  readonly prices: ResourcePrices;
  /** The key of the price list that it is priced by; undefined where that has none for it. */
  readonly priceKey: string | undefined;
  readonly instanceType: string | undefined;
  readonly zone: string | undefined;
  readonly region: string | undefined;
  readonly isSpot: boolean;
}

export interface PodOwner {
  readonly kind: string;
  readonly name: string;
}

/** A pod while it held a place on a node. */
export interface PodSpan {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly owner: PodOwner | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** What it asks for; a part that it does not ask for is absent. */
  readonly requests: Readonly<Partial<Parts>>;
  /** The mean of what it used; a part that is not known is absent or NaN. */
  readonly usage: Readonly<Partial<Parts>>;
}

export interface PodShare {
  readonly pod: PodSpan;
  readonly hours: number;
  readonly usd: Parts;
  /** What it was charged for: core-hours, byte-hours and GPU-hours, before a full node's pods give way to each other. */
  readonly partHours: Parts;
  /** Parts whose usage is not known, so that the request alone counts. */
  readonly usageUnknown: readonly MachinePart[];
  /** Parts of which neither request nor usage is known: they are charged nothing, and stand in the node's idle. */
  readonly unknown: readonly MachinePart[];
}

export interface NodeShare {
  readonly node: NodeSpan;
  readonly hours: number;
  /** Its whole price over the time. */
  readonly usd: Parts;
  /** What no pod held. */
  readonly idleUsd: Parts;
}

export interface Allocation {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly NodeShare[];
  readonly pods: readonly PodShare[];
  /** Pods on nodes that nobody knows: what they cost is unknown. */
  readonly unplaced: readonly PodSpan[];
}

export const NO_PARTS: Parts = { cpu: 0, memory: 0, gpu: 0 };

export function mapParts(compute: (part: MachinePart) => number): Parts {
  return { cpu: compute('cpu'), memory: compute('memory'), gpu: compute('gpu') };
}

export function addParts(a: Parts, b: Parts): Parts {
  return mapParts((part) => a[part] + b[part]);
}

export function sumParts(parts: Parts): number {
  return parts.cpu + parts.memory + parts.gpu;
}

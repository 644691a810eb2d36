/** Allocations of times that follow each other, as one. */
import {
  addParts,
  type Allocation,
  type MachinePart,
  type NodeShare,
  type PodShare,
  type PodSpan,
} from './allocation.ts';

/** The sum of allocations; undefined where there are none. Usage may differ from step to step: shares add up. */
export function mergeAllocations(steps: readonly Allocation[]): Allocation | undefined {
  const [first] = steps;
  if (first === undefined) return undefined;
  return {
    fromMs: Math.min(...steps.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...steps.map(({ toMs }) => toMs)),
    nodes: merged(steps.flatMap(({ nodes }) => nodes), { keyOf: nodeKey, add: addNode }),
    pods: merged(steps.flatMap(({ pods }) => pods), { keyOf: ({ pod }) => pod.uid, add: addPod }),
    unplaced: merged(steps.flatMap(({ unplaced }) => unplaced), { keyOf: ({ uid }) => uid, add: addSpan }),
  }; // prettier-ignore
}

interface Merging<T> {
  readonly keyOf: (item: T) => string;
  readonly add: (a: T, b: T) => T;
}

function merged<T>(items: readonly T[], { keyOf, add }: Merging<T>): T[] {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const before = found.get(key);
    found.set(key, before === undefined ? item : add(before, item));
  }
  return [...found.values()];
}

function nodeKey({ node }: NodeShare): string {
  return `${node.name} ${node.id} ${node.prices.source}`;
}

function addNode(a: NodeShare, b: NodeShare): NodeShare {
  return {
    node: addSpan(a.node, b.node),
    hours: a.hours + b.hours,
    usd: addParts(a.usd, b.usd),
    idleUsd: addParts(a.idleUsd, b.idleUsd),
  };
}

function addPod(a: PodShare, b: PodShare): PodShare {
  return {
    pod: addSpan<PodSpan>(a.pod, b.pod),
    hours: a.hours + b.hours,
    usd: addParts(a.usd, b.usd),
    partHours: addParts(a.partHours, b.partHours),
    usageUnknown: either(a.usageUnknown, b.usageUnknown),
    unknown: either(a.unknown, b.unknown),
  };
}

function addSpan<T extends { readonly fromMs: number; readonly toMs: number }>(a: T, b: T): T {
  return { ...b, fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) };
}

function either(a: readonly MachinePart[], b: readonly MachinePart[]): readonly MachinePart[] {
  return [...new Set([...a, ...b])];
}

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
export function mergeAllocations(steps: Iterable<Allocation>): Allocation | undefined {
  const sum = new AllocationSum();
  for (const step of steps) sum.add(step);
  return sum.value();
}

/** Adds step by step, so that a long time is never held in all of its steps. */
class AllocationSum {
  readonly #nodes = new Merged(nodeKey, addNode);
  readonly #pods = new Merged(({ pod }: PodShare) => pod.uid, addPod);
  readonly #unplaced = new Merged(({ uid }: PodSpan) => uid, addSpan<PodSpan>);
  #fromMs = Infinity;
  #toMs = -Infinity;

  add({ fromMs, toMs, nodes, pods, unplaced }: Allocation): void {
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
    nodes.forEach((node) => { this.#nodes.add(node); });
    pods.forEach((pod) => { this.#pods.add(pod); });
    unplaced.forEach((pod) => { this.#unplaced.add(pod); });
  } // prettier-ignore

  value(): Allocation | undefined {
    if (this.#toMs < this.#fromMs) return undefined;
    return {
      fromMs: this.#fromMs,
      toMs: this.#toMs,
      nodes: this.#nodes.values(),
      pods: this.#pods.values(),
      unplaced: this.#unplaced.values(),
    };
  }
}

class Merged<T> {
  readonly #keyOf: (item: T) => string;
  readonly #add: (a: T, b: T) => T;
  readonly #found = new Map<string, T>();

  constructor(keyOf: (item: T) => string, add: (a: T, b: T) => T) {
    this.#keyOf = keyOf;
    this.#add = add;
  }

  add(item: T): void {
    const key = this.#keyOf(item);
    const before = this.#found.get(key);
    this.#found.set(key, before === undefined ? item : this.#add(before, item));
  }

  values(): T[] {
    return [...this.#found.values()];
  }
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

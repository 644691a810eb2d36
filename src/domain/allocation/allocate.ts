/** Shares the price of every node among its pods, by the larger of request and usage, from one change of pods to the next. */
import { gpuUsdPerHour } from '../cost/resource-prices.ts';
import { HOUR_MS } from '../units/duration.ts';
import {
  addParts,
  type Allocation,
  MACHINE_PARTS,
  type MachinePart,
  mapParts,
  NO_PARTS,
  type NodeShare,
  type NodeSpan,
  type Parts,
  type PodShare,
  type PodSpan,
} from './allocation.ts';

const GIB = 1024 ** 3;

export interface AllocationInput {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly NodeSpan[];
  readonly pods: readonly PodSpan[];
}

/**
 * The shares of a time. Where pods hold more of a part than the node has, they share all of it in proportion, and
 * nothing of it is idle. A part that no pod holds is idle, however much it costs.
 */
export function allocate({ fromMs, toMs, nodes, pods }: AllocationInput): Allocation {
  const byNode = Map.groupBy(pods, (pod) => pod.node);
  const shares = new Map<string, PodShare>();
  const nodeShares = nodes.flatMap((node) => {
    const span = clip(node, fromMs, toMs);
    return span === undefined ? [] : [shareNode(span, byNode.get(node.name) ?? [], shares)];
  });
  const known = new Set(nodes.map(({ name }) => name));
  return {
    fromMs,
    toMs,
    nodes: nodeShares,
    pods: [...shares.values()],
    unplaced: pods.filter((pod) => !known.has(pod.node) && clip(pod, fromMs, toMs) !== undefined),
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The part of a span that lies within a time; undefined where nothing of it does. */
function clip<T extends Span>(span: T, fromMs: number, toMs: number): T | undefined {
  const clipped = { ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) };
  return clipped.toMs > clipped.fromMs ? clipped : undefined;
}

/** Adds the shares of the node's pods to `shares`, by uid, and returns the node's own. */
function shareNode(node: NodeSpan, pods: readonly PodSpan[], shares: Map<string, PodShare>): NodeShare {
  const present = pods.flatMap((pod) => clip(pod, node.fromMs, node.toMs) ?? []).map(claimOf);
  let idleUsd = NO_PARTS;
  for (const segment of segmentsOf(node, present)) {
    const usd = priceOf(node, segment.hours);
    const held = mapParts((part) => total(segment.claims, part));
    const base = mapParts((part) => Math.max(node.capacity[part], held[part]));
    const portion = (part: MachinePart, amount: number): number =>
      base[part] > 0 ? usd[part] * (amount / base[part]) : 0;
    for (const claim of segment.claims) {
      addShare(shares, claim, {
        hours: segment.hours,
        usd: mapParts((part) => portion(part, claim.held[part])),
      });
    }
    idleUsd = addParts(
      idleUsd,
      mapParts((part) => portion(part, base[part] - held[part])),
    );
  }
  const hours = (node.toMs - node.fromMs) / HOUR_MS;
  return { node, hours, usd: priceOf(node, hours), idleUsd };
}

function priceOf({ capacity, prices }: NodeSpan, hours: number): Parts {
  return {
    cpu: capacity.cpu * prices.cpuUsdPerCoreHour * hours,
    memory: (capacity.memory / GIB) * prices.memoryUsdPerGibHour * hours,
    gpu: capacity.gpu * gpuUsdPerHour(prices) * hours,
  };
}

/** What a pod holds of each part, and what that could not be told from. */
interface Claim {
  readonly pod: PodSpan;
  readonly held: Parts;
  readonly usageUnknown: readonly MachinePart[];
  readonly unknown: readonly MachinePart[];
}

function claimOf(pod: PodSpan): Claim {
  const request = (part: MachinePart): number | undefined => amount(pod.requests[part]);
  const usage = (part: MachinePart): number | undefined => amount(pod.usage[part]);
  // A pod that asks for no GPU has none, and what it makes of the one it asks for changes no one else's share.
  const measured = MACHINE_PARTS.filter((part) => part !== 'gpu');
  const usageUnknown = measured.filter((part) => usage(part) === undefined);
  return {
    pod,
    held: mapParts((part) => Math.max(request(part) ?? 0, usage(part) ?? 0)),
    usageUnknown,
    unknown: usageUnknown.filter((part) => request(part) === undefined),
  };
}

/** Undefined for what cannot be an amount. */
function amount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function total(claims: readonly Claim[], part: MachinePart): number {
  return claims.reduce((sum, { held }) => sum + held[part], 0);
}

interface Segment {
  readonly hours: number;
  readonly claims: readonly Claim[];
}

/** The node's time, cut wherever a pod comes or goes. */
function segmentsOf({ fromMs, toMs }: Span, claims: readonly Claim[]): Segment[] {
  const cuts = new Set([fromMs, toMs, ...claims.flatMap(({ pod }) => [pod.fromMs, pod.toMs])]);
  const times = [...cuts].sort((a, b) => a - b);
  return times.slice(1).map((endMs, index) => {
    const beginMs = times[index] ?? endMs;
    return {
      hours: (endMs - beginMs) / HOUR_MS,
      claims: claims.filter(({ pod }) => pod.fromMs <= beginMs && pod.toMs >= endMs),
    };
  });
}

function addShare(
  shares: Map<string, PodShare>,
  { pod, held, usageUnknown, unknown }: Claim,
  { hours, usd }: Pick<PodShare, 'hours' | 'usd'>,
): void {
  const before = shares.get(pod.uid);
  shares.set(pod.uid, {
    pod: before === undefined ? pod : { ...pod, fromMs: Math.min(before.pod.fromMs, pod.fromMs) },
    hours: (before?.hours ?? 0) + hours,
    usd: addParts(before?.usd ?? NO_PARTS, usd),
    partHours: addParts(
      before?.partHours ?? NO_PARTS,
      mapParts((part) => held[part] * hours),
    ),
    usageUnknown,
    unknown,
  });
}

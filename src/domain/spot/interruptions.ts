/**
 * Counts interruptions of a workload: a spot node under its pods was announced to go, fell silent, or is gone. The
 * memory of it is a plain value (it stands in the status), so that a crash forgets nothing and counts nothing twice.
 */
import { DAY_MS } from '../units/duration.ts';
import type { SpotNode } from './spot-node.ts';

export interface Interruption {
  readonly atMs: number;
  readonly node: string;
  /** Tells two nodes of one name apart. */
  readonly uid: string;
  readonly why: string;
}

export interface SpotMemory {
  /** Spot nodes that hosted pods of the workload at the last look, with their uids. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Of the last 24 hours, oldest first. */
  readonly interruptions: readonly Interruption[];
}

export const NO_MEMORY: SpotMemory = { nodes: {}, interruptions: [] };

/** A storm of interruptions is one however many are listed: the latest suffice. */
const MOST_REMEMBERED = 32;

export interface SpotSight {
  readonly nowMs: number;
  /** Every node of the cluster, by name. */
  readonly nodes: ReadonlyMap<string, SpotNode>;
  /** The nodes under the live pods of the workload. */
  readonly hosts: readonly string[];
}

/** The memory after a look. A node is counted once, however many signs it shows and however often one looks. */
export function remember(memory: SpotMemory, { nowMs, nodes, hosts }: SpotSight): SpotMemory {
  const recent = memory.interruptions.filter(({ atMs }) => nowMs - atMs < DAY_MS);
  const seen = hosts.flatMap((name) => {
    const node = nodes.get(name);
    return node?.capacity === 'spot' ? [[name, node.uid] as const] : [];
  });
  const found = new Map<string, Interruption>();
  for (const [node, uid] of [...Object.entries(memory.nodes), ...seen]) {
    const why = lossOf(nodes.get(node), uid);
    const known = recent.some((interruption) => interruption.uid === uid);
    if (why !== undefined && !known) found.set(uid, { atMs: nowMs, node, uid, why });
  }
  return {
    nodes: Object.fromEntries(seen),
    interruptions: [...recent, ...found.values()].slice(-MOST_REMEMBERED),
  };
}

function lossOf(node: SpotNode | undefined, uid: string): string | undefined {
  if (node === undefined || node.uid !== uid) return 'the node is gone';
  return node.trouble;
}

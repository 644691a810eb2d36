/** One node put together: its own draw, its devices, its containers, and what is left for the system. */
import { containerAccounts } from './container-accounts.ts';
import { mergedEvidence, weaker } from './evidence.ts';
import { TOLERANCE, hostDraw, type HostDraw } from './host-draw.ts';
import { idleShares } from './idle-shares.ts';
import { containerKey, type MachineFacts, type PlacedPod } from './inventory.ts';
import { type KnownMachines, machineWatts } from './machines/machine-watts.ts';
import type {
  ContainerPower,
  ContainerRef,
  DevicePower,
  NodePower,
  PowerEvidence,
  PowerOrigin,
  PowerProblem,
} from './power.ts';
import type { ContainerReading, NodeReading } from './readings.ts';

export interface NodeFacts {
  readonly reading: NodeReading;
  readonly devices: readonly DevicePower[];
  /** The pods that run on it. */
  readonly pods: readonly PlacedPod[];
  readonly machine: MachineFacts | undefined;
  readonly knownMachines?: KnownMachines;
  /** The split of the node over its containers, where the reading has none. */
  readonly split?: ActiveSplit;
}

/** How the active watts of a node go to its containers; the shares sum to at most 1. */
export interface ActiveSplit {
  readonly shares: readonly (ContainerRef & { readonly share: number })[];
  readonly evidence: PowerEvidence;
}

export interface NodeAccount {
  readonly node: NodePower;
  readonly containers: readonly ContainerPower[];
  readonly problems: readonly PowerProblem[];
}

/** `node.watts = Σ parts = Σ containers + system`; nothing is negative. */
export function nodeAccount(facts: NodeFacts): NodeAccount {
  const { reading, devices, machine, pods } = facts;
  const drawn = hostDraw(
    reading,
    sumOf(devices, ({ watts }) => watts),
  );
  const idle = idleFor(facts, drawn);
  const limited = limitedToActive(facts, drawn, idle.watts);
  const containers = containerAccounts({
    node: reading.node,
    active: limited.containers,
    splitEvidence: facts.split?.evidence ?? reading,
    devices,
    idle: idleShares(idle.watts, pods, machine),
  });
  const problems = [...drawn.problems, ...idle.problems, ...limited.problems, ...unseen(facts, idle.watts)];
  const node = nodeTotals(facts, { drawn, idle: idle.watts, containers });
  return {
    node: idle.origin === undefined ? node : { ...node, splitOrigin: idle.origin },
    containers,
    problems,
  };
}

interface Totals {
  readonly drawn: HostDraw;
  readonly idle: HostDraw['watts'];
  readonly containers: readonly ContainerPower[];
}

function nodeTotals({ reading, devices }: NodeFacts, { drawn, idle, containers }: Totals): NodePower {
  const [gpu, npu] = (['gpu', 'npu'] as const).map((part) => {
    const found = devices.filter((device) => device.part === part);
    return found.length === 0 ? {} : { [part]: sumOf(found, ({ watts }) => watts) };
  });
  const parts = { ...drawn.watts, ...gpu, ...npu };
  const watts = sumOf(Object.values(parts), (part) => part);
  const held = sumOf(containers, (container) => container.activeWatts + container.idleWatts);
  const idleWatts = Math.min(
    watts,
    sumOf(Object.values(idle), (part) => part) + sumOf(devices, (each) => each.idleWatts),
  );
  return {
    node: reading.node,
    watts,
    activeWatts: watts - idleWatts,
    idleWatts,
    systemWatts: Math.max(0, watts - held),
    parts,
    ...mergedEvidence([reading, ...devices]),
  };
}

interface Idle {
  readonly watts: HostDraw['watts'];
  readonly origin?: PowerOrigin;
  readonly problems: readonly PowerProblem[];
}

/** Where the reading does not tell idle from active, what such a machine draws at idle. */
function idleFor({ reading, machine, knownMachines }: NodeFacts, { idle, watts }: HostDraw): Idle {
  if (idle !== undefined || Object.keys(watts).length === 0) return { watts: idle ?? {}, problems: [] };
  const model = machine === undefined ? undefined : machineWatts(machine, knownMachines);
  const told = `${reading.sources.join(', ')} does not tell idle from active`;
  if (model === undefined) {
    const message = `${told}, and the machine is not known: all of it counts as active`;
    return {
      watts: {},
      origin: 'default',
      problems: [{ subject: reading.node, reason: 'Missing', message }],
    };
  }
  const total = sumOf(Object.values(watts), (part) => part);
  const idleShare = total > 0 ? Math.min(1, (model.idleWatts + model.memoryWatts) / total) : 0;
  const message = `${told}: the line between them is modelled`;
  const split = Object.fromEntries(Object.entries(watts).map(([part, value]) => [part, value * idleShare]));
  return {
    watts: split,
    origin: weaker(model.origin, 'modelled'),
    problems: [{ subject: reading.node, reason: 'Missing', message }],
  };
}

interface Limited {
  readonly containers: readonly ContainerReading[];
  readonly problems: readonly PowerProblem[];
}

/** Containers cannot draw more than their node does beyond idle (kepler#2149): they are scaled down to it. */
function limitedToActive(
  { reading, split }: NodeFacts,
  { watts }: HostDraw,
  idle: HostDraw['watts'],
): Limited {
  const active = (part: 'cpu' | 'dram'): number => Math.max(0, (watts[part] ?? 0) - (idle[part] ?? 0));
  const told: readonly ContainerReading[] =
    split?.shares.map(({ share, ...ref }) => ({
      ...ref,
      parts: { cpu: active('cpu') * share, dram: active('dram') * share },
    })) ??
    reading.containers ??
    [];
  const limits = (['cpu', 'dram'] as const)
    .filter((part) => watts[part] !== undefined)
    .map((part) => ({ part, limit: active(part), sum: sumOf(told, ({ parts }) => parts[part] ?? 0) }));
  const containers = told.map((container) => ({
    ...container,
    parts: Object.fromEntries(
      limits.flatMap(({ part, limit, sum }) => {
        const value = container.parts[part];
        return value === undefined ? [] : [[part, sum > limit ? (value * limit) / sum : value]];
      }),
    ),
  }));
  return { containers, problems: limits.flatMap((each) => tooMuch(reading, each)) };
}

interface Limit {
  readonly part: string;
  readonly limit: number;
  readonly sum: number;
}

function tooMuch({ node, sources }: NodeReading, { part, limit, sum }: Limit): readonly PowerProblem[] {
  if (sum <= limit * (1 + TOLERANCE) || sum - limit <= NEGLIGIBLE_WATTS) return [];
  const found = `containers draw ${sum.toFixed(1)} W of ${limit.toFixed(1)} W that the ${part} of their node draws beyond idle`;
  const message = `${sources.join(', ')}: ${found}; they are scaled down to it`;
  return [{ subject: node, reason: 'Inconsistent', message }];
}

/** Rounding of joules over a short window. */
const NEGLIGIBLE_WATTS = 0.5;
const NAMES_SHOWN = 3;

/** Running containers without a figure: their share is among the system's. */
function unseen(
  { reading, split, pods, machine }: NodeFacts,
  idle: HostDraw['watts'],
): readonly PowerProblem[] {
  const { node } = reading;
  const seen = new Set((split?.shares ?? reading.containers ?? []).map(containerKey));
  const missing = pods.flatMap(({ namespace, pod, containers }) =>
    containers
      .map(({ container }) => containerKey({ namespace, pod, container }))
      .filter((key) => !seen.has(key)),
  );
  const named = `${missing.slice(0, NAMES_SHOWN).join(', ')}${missing.length > NAMES_SHOWN ? ', …' : ''}`;
  const many = `nobody tells what ${String(missing.length)} of its containers draw, which counts as the system's: ${named}`;
  const unsized = `its capacity is not known, so that all of its idle watts count as the system's`;
  return [
    ...(missing.length === 0 ? [] : [{ subject: node, reason: 'Missing' as const, message: many }]),
    ...(machine?.cpuCores !== undefined || sumOf(Object.values(idle), (part) => part) === 0
      ? []
      : [{ subject: node, reason: 'Missing' as const, message: unsized }]),
  ];
}

function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}

/** A cluster put together from what every source says of its nodes and devices at one time. */
import { chooseDevices, chooseReading } from './choose-readings.ts';
import { mergedEvidence } from './evidence.ts';
import { withHolders } from './device-holders.ts';
import { splitDevice } from './device-split.ts';
import type { ClusterUse, MachineFacts, PlacedPod, PowerInventory } from './inventory.ts';
import type { KnownMachines } from './machines/machine-watts.ts';
import { type NodeAccount, nodeAccount } from './node-account.ts';
import type { ContainerPower, DevicePower, NodePower, PowerProblem, PowerSnapshot } from './power.ts';
import type { DeviceReading, NodeReading, PowerReadings } from './readings.ts';
import { modelledDevices, modelledNode, splitByUse } from './utilisation-model.ts';

export interface ClusterFacts {
  readonly atMs: number;
  readonly staleAfterMs: number;
  readonly inventory: PowerInventory;
  readonly readings: PowerReadings;
  readonly use: ClusterUse | undefined;
  /** Why use is not known: told where a node would have needed it. */
  readonly useProblem?: PowerProblem | undefined;
  readonly knownMachines?: KnownMachines;
  /** What is known to be wrong already. */
  readonly problems: readonly PowerProblem[];
  /** Only its containers are told. */
  readonly namespace?: string;
}

/** One entry per node of which anything is known; what is not is among the problems. */
export function clusterSnapshot(facts: ClusterFacts): PowerSnapshot {
  const views = nodeViews(facts);
  const accounts = views.map((view) => accountOf(view, facts));
  const all = accounts.flatMap(({ account }) => (account === undefined ? [] : [account]));
  const containers = all.flatMap((account) => account.containers);
  const { namespace } = facts;
  return {
    atMs: facts.atMs,
    containers:
      namespace === undefined ? containers : containers.filter((each) => each.namespace === namespace),
    nodes: all.map(({ node }) => node),
    devices: accounts.flatMap(({ devices }) => devices),
    problems: [
      ...facts.problems,
      ...missedUse(facts, accounts),
      ...accounts.flatMap(({ problems }) => problems),
    ],
  };
}

function missedUse(
  { use, useProblem }: ClusterFacts,
  accounts: readonly Accounted[],
): readonly PowerProblem[] {
  const isMissed = use === undefined && accounts.some(({ needsUse }) => needsUse);
  return isMissed && useProblem !== undefined ? [useProblem] : [];
}

interface NodeView {
  readonly node: string;
  readonly machine: MachineFacts | undefined;
  readonly pods: PlacedPod[];
  readonly readings: NodeReading[];
  readonly devices: DeviceReading[];
}

function nodeViews({ inventory, readings }: ClusterFacts): readonly NodeView[] {
  const views = new Map<string, NodeView>();
  const viewOf = (node: string, machine?: MachineFacts): NodeView => {
    const view = views.get(node) ?? { node, machine, pods: [], readings: [], devices: [] };
    views.set(node, view);
    return view;
  };
  for (const machine of inventory.machines) viewOf(machine.node, machine);
  for (const pod of inventory.pods) viewOf(pod.node).pods.push(pod);
  for (const reading of readings.nodes) viewOf(reading.node).readings.push(reading);
  for (const device of readings.devices) viewOf(device.node).devices.push(device);
  return [...views.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
}

interface Accounted {
  readonly account?: NodeAccount;
  /** It is modelled, or split, by what its containers use. */
  readonly needsUse: boolean;
  readonly devices: readonly DevicePower[];
  readonly problems: readonly PowerProblem[];
}

function accountOf(view: NodeView, facts: ClusterFacts): Accounted {
  const { node, machine, pods } = view;
  const chosen = chooseReading(view.readings, facts);
  const found = devicesOf(view, facts);
  const devices = found.devices.map(splitDevice);
  const input = { node, machine, pods, use: facts.use, ...known(facts) };
  const modelled = chosen.reading === undefined ? modelledNode(input) : { reading: chosen.reading };
  const unknown = 'problem' in modelled ? [modelled.problem] : [];
  const problems = [...chosen.problems, ...found.problems, ...unknown];
  const reading = 'problem' in modelled ? devicesOnly(node, devices) : modelled.reading;
  const needsUse = chosen.reading?.containers === undefined;
  if (reading === undefined) return { devices, needsUse, problems };
  const split = reading.containers === undefined ? splitByUse(input) : undefined;
  const account = nodeAccount({ ...input, reading, devices, ...(split === undefined ? {} : { split }) });
  return { account, devices, needsUse, problems: [...problems, ...account.problems] };
}

/** Its devices are known where the rest of it is not: they are told, and the rest is a problem. */
function devicesOnly(node: string, devices: readonly DevicePower[]): NodeReading | undefined {
  return devices.length === 0 ? undefined : { node, containers: [], ...mergedEvidence(devices) };
}

function known({ knownMachines }: ClusterFacts): { readonly knownMachines?: KnownMachines } {
  return knownMachines === undefined ? {} : { knownMachines };
}

/** What is measured of each part, and the model where nothing of a part is. */
function devicesOf(
  view: NodeView,
  facts: ClusterFacts,
): { readonly devices: readonly DeviceReading[]; readonly problems: readonly PowerProblem[] } {
  const { machine, pods } = view;
  const chosen = chooseDevices(view.devices, facts);
  const measured = new Set(chosen.devices.map(({ part }) => part));
  const rest = (machine?.accelerators ?? []).filter(({ part }) => !measured.has(part));
  const model =
    machine === undefined || rest.length === 0
      ? { devices: [], problems: [] }
      : modelledDevices({ ...machine, accelerators: rest }, pods, facts.atMs);
  const held = (['gpu', 'npu'] as const).flatMap((part) =>
    withHolders(
      chosen.devices.filter((device) => device.part === part),
      pods,
    ),
  );
  return { devices: [...held, ...model.devices], problems: [...chosen.problems, ...model.problems] };
}

/** Every node together; undefined where no node is known. */
export function clusterWatts(nodes: readonly NodePower[]): number | undefined {
  return nodes.length === 0 ? undefined : nodes.reduce((sum, { watts }) => sum + watts, 0);
}

/** The containers of each pod together, by `namespace/pod`. */
export function podWatts(containers: readonly ContainerPower[]): ReadonlyMap<string, number> {
  const pods = new Map<string, number>();
  for (const { namespace, pod, activeWatts, idleWatts } of containers) {
    const key = `${namespace}/${pod}`;
    pods.set(key, (pods.get(key) ?? 0) + activeWatts + idleWatts);
  }
  return pods;
}

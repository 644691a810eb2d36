/** What each exporter of the rack amounts to: the table that a real Prometheus is held to. */
import type {
  DevicePower,
  NodePower,
  PowerOrigin,
  PowerProblem,
  PowerSnapshot,
} from '#domain/power/power.ts';
import { IDLE_WATTS, WATTS_PER_CORE } from './rack.ts';

interface Expectation {
  readonly name: string;
  readonly expected: readonly number[];
  readonly read: (snapshot: PowerSnapshot) => readonly (number | undefined)[];
}

function node(
  { nodes }: PowerSnapshot,
  name: string,
  origin: PowerOrigin = 'measured',
): NodePower | undefined {
  return nodes.find((each) => each.node === name && each.origin === origin);
}

function device({ devices }: PowerSnapshot, uuid: string): DevicePower | undefined {
  return devices.find((each) => each.uuid === uuid && each.origin === 'measured');
}

/** What each sharer has of a device, by name. */
function sharers(snapshot: PowerSnapshot, uuid: string, splitBy: DevicePower['splitBy']): readonly number[] {
  const found = device(snapshot, uuid);
  if (found === undefined || found.splitBy !== splitBy) return [];
  return [...found.sharers].sort((a, b) => (a.pod < b.pod ? -1 : 1)).map(({ watts }) => watts);
}

/** Active watts of the part of a pod's container. */
function part(
  { containers }: PowerSnapshot,
  pod: string,
  name: 'cpu' | 'dram' | 'gpu' | 'npu',
): number | undefined {
  return containers.find((each) => each.pod === pod && each.container === 'app')?.parts[name];
}

export const EXPECTATIONS: readonly Expectation[] = [
  {
    name: 'a node of both Kepler families is counted once, by the newer',
    expected: [40, 20],
    read: (seen) => [node(seen, 'bm-3')?.watts, part(seen, 'moving', 'cpu')],
  },
  {
    name: 'zones of Kepler overlap: package and dram are parts, psys what is beyond them',
    expected: [60, 10, 15, 310, 395],
    read: (seen) => {
      const { parts, watts } = node(seen, 'gpu-1') ?? { parts: {}, watts: Number.NaN };
      return [parts.cpu, parts.dram, parts.other, parts.gpu, watts];
    },
  },
  {
    name: 'containers of Kepler have the zones of their node, never psys',
    expected: [15, 2],
    read: (seen) => [part(seen, 'slice-1', 'cpu'), part(seen, 'slice-1', 'dram')],
  },
  {
    name: 'a GPU is counted by DCGM, not by Kepler too, and shared by what processes use in turns',
    expected: [250, 175, 75],
    read: (seen) => [device(seen, 'GPU-a')?.watts, ...sharers(seen, 'GPU-a', 'use')],
  },
  {
    name: 'a GPU that nobody holds is idle',
    expected: [60, 60],
    read: (seen) => [device(seen, 'GPU-b')?.watts, device(seen, 'GPU-b')?.idleWatts],
  },
  {
    name: 'slices of a GPU repeat its watts, and share them by slice and activity',
    expected: [330, 50 * (3 / 7) + 280 * (2.7 / 2.8), 50 / 7 + 280 * (0.1 / 2.8), 50 * (3 / 7)],
    read: (seen) => [
      device(seen, 'GPU-m')?.watts,
      ...sharers(seen, 'GPU-m', 'use'),
      device(seen, 'GPU-m')?.idleWatts,
    ],
  },
  {
    name: 'fractions of HAMi share a GPU by what its monitor saw them use, its idle watts by what they were given',
    expected: [15 + 150, 30 + 50, 5],
    read: (seen) => [...sharers(seen, 'GPU-h', 'use'), device(seen, 'GPU-h')?.idleWatts],
  },
  {
    name: 'only the first partition of an AMD GPU tells its watts, and all that are held share them',
    expected: [400, 93.75 / 8 + 306.25 * 0.75, 93.75 / 8 + 306.25 * 0.25],
    read: (seen) => [device(seen, 'SN-1')?.watts, ...sharers(seen, 'SN-1', 'use')],
  },
  {
    name: 'an NPU of Rebellions is the same under its old and its new name',
    expected: [45, 45, 20, 65],
    read: (seen) => {
      const npus = ['R-0', 'R-1'].map((uuid) => device(seen, uuid)?.watts);
      return [
        ...npus.slice(0, 1),
        part(seen, 'atom', 'npu'),
        ...npus.slice(1),
        node(seen, 'npu-1', 'modelled')?.parts.npu,
      ];
    },
  },
  {
    name: 'an NPU of FuriosaAI tells watts or microwatts by its release',
    expected: [41, 38, 41],
    read: (seen) => [device(seen, 'F-0')?.watts, device(seen, 'F-1')?.watts, part(seen, 'rngd', 'npu')],
  },
  {
    name: 'a host of scaphandre is split by what its containers use, idle apart',
    expected: [100, (100 - IDLE_WATTS) * 0.75, (100 - IDLE_WATTS) * 0.25],
    read: (seen) => [node(seen, 'scaph-1')?.watts, part(seen, 'loud', 'cpu'), part(seen, 'quiet', 'cpu')],
  },
  {
    name: 'a virtual machine of which Kepler tells zero is modelled',
    expected: [IDLE_WATTS + WATTS_PER_CORE, WATTS_PER_CORE],
    read: (seen) => [node(seen, 'vm-1', 'modelled')?.watts, part(seen, 'guest', 'cpu')],
  },
  {
    name: 'a machine without any exporter is modelled',
    expected: [IDLE_WATTS + WATTS_PER_CORE],
    read: (seen) => [node(seen, 'bare-1', 'modelled')?.watts],
  },
  {
    name: 'there is nothing else',
    expected: [12, 9],
    read: ({ devices, nodes }) => [nodes.length, devices.length],
  },
];

interface ExpectedProblem extends Pick<PowerProblem, 'reason' | 'subject'> {
  readonly name: string;
  readonly text: string;
}

export const PROBLEMS: readonly ExpectedProblem[] = [
  { name: 'two families measure one node', subject: 'bm-3', reason: 'Ambiguous', text: 'kepler is taken' },
  {
    name: 'DCGM and Kepler measure the same GPUs',
    subject: 'gpu-1',
    reason: 'Ambiguous',
    text: 'dcgm is taken',
  },
  {
    name: 'Kepler has no sensor in a virtual machine',
    subject: 'vm-1',
    reason: 'Missing',
    text: 'not measured',
  },
  {
    name: 'scaphandre does not tell idle from active',
    subject: 'scaph-1',
    reason: 'Missing',
    text: 'modelled',
  },
];

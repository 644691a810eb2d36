/**
 * Watts of a node from what runs on it, for where nobody measures: a line from idle to full load over the share of the
 * cores in use (the method of Cloud Carbon Footprint), its coefficients by processor. A guess with a name: its figures
 * are `modelled`, or `default` where the machine is of unknown make.
 */
import {
  containerKey,
  type ClusterUse,
  type ContainerUse,
  type MachineFacts,
  type PlacedPod,
} from './inventory.ts';
import { acceleratorWatts } from './machines/accelerator-watts.ts';
import { type KnownMachines, machineWatts } from './machines/machine-watts.ts';
import type { ActiveSplit } from './node-account.ts';
import type { ContainerRef, PowerProblem } from './power.ts';
import type { DeviceReading, NodeReading } from './readings.ts';

export const MODEL_SOURCE = 'utilisation-model';

export interface ModelInput {
  readonly node: string;
  readonly machine: MachineFacts | undefined;
  readonly pods: readonly PlacedPod[];
  readonly use: ClusterUse | undefined;
  readonly knownMachines?: KnownMachines;
}

/** A reading, or why there can be none. */
export type Modelled = { readonly reading: NodeReading } | { readonly problem: PowerProblem };

export function modelledNode(input: ModelInput): Modelled {
  const { node, machine, use, knownMachines } = input;
  const watts = machine === undefined ? undefined : machineWatts(machine, knownMachines);
  const cores = machine?.cpuCores;
  const used = useOnNode(input);
  if (watts === undefined || cores === undefined)
    return missing(node, 'nobody measures it, and its size is not known');
  if (use === undefined || used === undefined)
    return missing(node, 'nobody measures it, and what it uses is not known');
  const { idleWatts, maxWatts, memoryWatts, origin } = watts;
  const perCore = (maxWatts - idleWatts) / Math.max(cores, used.totalCores);
  return {
    reading: {
      node,
      cpu: { watts: idleWatts + perCore * used.totalCores, idleWatts },
      ...(memoryWatts > 0 ? { dram: { watts: memoryWatts, idleWatts: memoryWatts } } : {}),
      containers: used.containers.map(({ cpuCores, ...ref }) => ({
        ...ref,
        parts: { cpu: cpuCores * perCore },
      })),
      origin,
      sources: [MODEL_SOURCE],
      atMs: use.atMs,
    },
  };
}

function missing(node: string, message: string): Modelled {
  return { problem: { subject: node, reason: 'Missing', message } };
}

/** The active watts of a node that is measured only as a whole, by what its containers use of the processor. */
export function splitByUse(input: ModelInput): ActiveSplit | undefined {
  const used = useOnNode(input);
  if (used === undefined || input.use === undefined || used.totalCores <= 0) return undefined;
  return {
    shares: used.containers.map(({ cpuCores, ...ref }) => ({ ...ref, share: cpuCores / used.totalCores })),
    evidence: { origin: 'modelled', sources: [MODEL_SOURCE], atMs: input.use.atMs },
  };
}

interface NodeUse {
  readonly totalCores: number;
  readonly containers: readonly (ContainerRef & { readonly cpuCores: number })[];
}

/** Undefined where the use of none of its pods is known; so it is where nodes are told and it is not. */
function useOnNode({ node, pods, use }: ModelInput): NodeUse | undefined {
  if (use === undefined) return undefined;
  const byKey = usesByKey(use);
  const containers = pods.flatMap(({ namespace, pod, containers: placed }) =>
    placed.flatMap(({ container }) => {
      const found = byKey.get(containerKey({ namespace, pod, container }));
      return found === undefined ? [] : [{ namespace, pod, container, cpuCores: found.cpuCores }];
    }),
  );
  const whole = use.nodes?.find((each) => each.node === node)?.cpuCores;
  const isExpected = pods.length > 0 || (use.nodes ?? []).length > 0;
  if (containers.length === 0 && whole === undefined && isExpected) return undefined;
  const sum = containers.reduce((total, { cpuCores }) => total + cpuCores, 0);
  return { totalCores: Math.max(sum, whole ?? 0), containers };
}

const USES = new WeakMap<ClusterUse, ReadonlyMap<string, ContainerUse>>();

/** Asked for once per node. */
function usesByKey(use: ClusterUse): ReadonlyMap<string, ContainerUse> {
  const known = USES.get(use);
  if (known !== undefined) return known;
  const found = new Map(use.containers.map((each) => [containerKey(each), each]));
  USES.set(use, found);
  return found;
}

/**
 * What an accelerator draws that is held by somebody when its use is not known: half of the way from idle to the most,
 * Cloud Carbon Footprint's utilisation for machines that nobody measured.
 */
const UNKNOWN_USE = 0.5;

export interface ModelledDevices {
  readonly devices: readonly DeviceReading[];
  readonly problems: readonly PowerProblem[];
}

/** The accelerators of a machine that nobody measures, by whether somebody holds them: `default` at best. */
export function modelledDevices(
  machine: MachineFacts,
  pods: readonly PlacedPod[],
  atMs: number,
): ModelledDevices {
  const devices: DeviceReading[] = [];
  const problems: PowerProblem[] = [];
  for (const { part, vendor, model = '', count } of machine.accelerators) {
    const board = acceleratorWatts(model);
    if (board === undefined) {
      const message = `nobody measures its ${String(count)} ${vendor} ${part}s (${model === '' ? 'unknown model' : model}), whose power is not known either`;
      problems.push({ subject: machine.node, reason: 'Missing', message });
      continue;
    }
    const slots = holdersInOrder(pods, part);
    for (let index = 0; index < count; index += 1) {
      // More slots than devices: they are shared, in turns.
      const holders = slots.filter((_, slot) => slot % count === index);
      const held = board.idle + UNKNOWN_USE * (board.max - board.idle);
      devices.push({
        node: machine.node,
        uuid: `${vendor}-${part}-${String(index)}`,
        part,
        vendor,
        model,
        watts: holders.length === 0 ? board.idle : held,
        idleWatts: board.idle,
        holders,
        origin: 'default',
        sources: [MODEL_SOURCE],
        atMs,
      });
    }
  }
  return { devices, problems };
}

/** One entry per device that was asked for. */
function holdersInOrder(pods: readonly PlacedPod[], part: 'gpu' | 'npu'): readonly ContainerRef[] {
  return pods.flatMap(({ namespace, pod, containers }) =>
    containers.flatMap(({ container, gpus, npus }) =>
      Array.from({ length: Math.floor(part === 'gpu' ? gpus : npus) }, () => ({ namespace, pod, container })),
    ),
  );
}

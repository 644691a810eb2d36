/** What a machine draws, accelerators apart, when nobody measures it. */
import type { MachineFacts } from '../inventory.ts';
import type { PowerOrigin } from '../power.ts';
import { processorOfInstance } from './instance-processors.ts';
import {
  INCLUDED_GB_PER_THREAD,
  MEMORY_WATTS_PER_GB,
  PROCESSOR_WATTS,
  type Processor,
  UNKNOWN_PROCESSOR_WATTS,
  isProcessor,
} from './processor-watts.ts';

/** A line from idle to full load over the share of the cores in use, and what its memory draws besides. */
export interface MachineWatts {
  readonly idleWatts: number;
  readonly maxWatts: number;
  /** What memory beyond the usual draws, busy or not. */
  readonly memoryWatts: number;
  /** `default` where the machine is of unknown make. */
  readonly origin: Exclude<PowerOrigin, 'measured'>;
}

/** Own figures for machines, by node name or instance type; memory is in them. */
export type KnownMachines = Readonly<
  Record<string, { readonly idleWatts: number; readonly maxWatts: number }>
>;

/** Undefined where not even the size of the machine is known. */
export function machineWatts(machine: MachineFacts, known: KnownMachines = {}): MachineWatts | undefined {
  const own = known[machine.node] ?? known[machine.instanceType ?? ''];
  if (own !== undefined) return { ...own, memoryWatts: 0, origin: 'modelled' };
  const { cpuCores, memoryBytes = 0 } = machine;
  if (cpuCores === undefined || !(cpuCores > 0)) return undefined;
  const make = processorOf(machine);
  const perThread = make === undefined ? UNKNOWN_PROCESSOR_WATTS : PROCESSOR_WATTS[make];
  const extraGb = Math.max(0, memoryBytes / 1e9 - INCLUDED_GB_PER_THREAD * cpuCores);
  return {
    idleWatts: cpuCores * perThread.idle,
    maxWatts: cpuCores * perThread.max,
    memoryWatts: extraGb * MEMORY_WATTS_PER_GB,
    origin: make === undefined ? 'default' : 'modelled',
  };
}

function processorOf({ processor = '', instanceType = '' }: MachineFacts): Processor | undefined {
  return isProcessor(processor) ? processor : processorOfInstance(instanceType);
}

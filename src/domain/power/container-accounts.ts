/** The containers of one node: what each does, what it holds, and its share of the idle watts. */
import { mergedEvidence } from './evidence.ts';
import type { IdleShare } from './idle-shares.ts';
import { containerKey } from './inventory.ts';
import type {
  ContainerPower,
  ContainerRef,
  DevicePower,
  PartWatts,
  PowerEvidence,
  PowerPart,
} from './power.ts';
import type { ContainerReading } from './readings.ts';

export interface AccountInput {
  readonly node: string;
  /** Active watts by container, at most what the node's parts draw, and where the split comes from. */
  readonly active: readonly ContainerReading[];
  readonly splitEvidence: PowerEvidence;
  readonly devices: readonly DevicePower[];
  readonly idle: ReadonlyMap<string, IdleShare>;
}

export function containerAccounts(input: AccountInput): readonly ContainerPower[] {
  const accounts = new Map<string, Account>();
  const accountOf = (ref: ContainerRef, evidence: PowerEvidence): Account => {
    const key = containerKey(ref);
    const account = accounts.get(key) ?? new Account(ref);
    accounts.set(key, account);
    account.restsOn(evidence);
    return account;
  };
  for (const reading of input.active) {
    const account = accountOf(reading, input.splitEvidence);
    for (const part of ['cpu', 'dram'] as const) account.add(part, reading.parts[part]);
  }
  for (const device of input.devices) {
    for (const sharer of device.sharers) accountOf(sharer, splitOf(device)).add(device.part, sharer.watts);
  }
  for (const share of input.idle.values()) accountOf(share, input.splitEvidence).addIdle(share);
  return [...accounts.values()].map((account) => account.power(input.node));
}

/** What was not measured to be used by each is a model of it, however well the device was measured. */
function splitOf(device: DevicePower): PowerEvidence {
  const { splitBy } = device;
  const isGuess = splitBy === 'share' || splitBy === 'equal';
  return isGuess && device.origin === 'measured' ? { ...device, origin: 'modelled' } : device;
}

class Account {
  readonly #ref: ContainerRef;
  readonly #parts: Partial<Record<PowerPart, number>> = {};
  readonly #evidence = new Set<PowerEvidence>();
  #idleWatts = 0;
  #podUid: string | undefined;

  constructor({ namespace, pod, container }: ContainerRef) {
    this.#ref = { namespace, pod, container };
  }

  restsOn(evidence: PowerEvidence): void {
    this.#evidence.add(evidence);
  }

  add(part: PowerPart, watts: number | undefined): void {
    if (watts !== undefined) this.#parts[part] = (this.#parts[part] ?? 0) + watts;
  }

  addIdle({ watts, podUid }: IdleShare): void {
    this.#idleWatts += watts;
    this.#podUid = podUid;
  }

  power(node: string): ContainerPower {
    const parts: PartWatts = this.#parts;
    return {
      ...this.#ref,
      ...(this.#podUid === undefined ? {} : { podUid: this.#podUid }),
      node,
      activeWatts: Object.values(parts).reduce((sum, watts) => sum + watts, 0),
      idleWatts: this.#idleWatts,
      parts,
      ...mergedEvidence([...this.#evidence]),
    };
  }
}

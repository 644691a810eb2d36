/**
 * The watts of one device, divided among those that hold it. What it would draw idle goes by what each was given of it,
 * the rest by what each was measured to use; where nobody measured all of them, by what they were given, and evenly
 * where that is unknown too. The parts sum to the device.
 */
import { acceleratorWatts } from './machines/accelerator-watts.ts';
import { containerKey } from './inventory.ts';
import type { DevicePower, DeviceSplit } from './power.ts';
import type { DeviceHolder, DeviceReading } from './readings.ts';

export function splitDevice(reading: DeviceReading): DevicePower {
  const { holders: told, idleWatts: toldIdle, ...device } = reading;
  const holders = withoutRepeats(told);
  if (holders.length === 0) return { ...device, idleWatts: device.watts, sharers: [] };
  const splitBy = splitFor(holders);
  const shares = sharesOf(holders);
  const knownIdle = toldIdle ?? acceleratorWatts(device.model ?? '')?.idle ?? 0;
  const floorWatts = Math.min(device.watts, knownIdle);
  const weights = normalised(splitBy === 'use' ? holders.map(({ use = 0 }) => use) : shares);
  const sharers = holders.map(({ namespace, pod, container }, index) => ({
    namespace,
    pod,
    container,
    watts: floorWatts * (shares[index] ?? 0) + (device.watts - floorWatts) * (weights[index] ?? 0),
  }));
  const held = sharers.reduce((sum, { watts }) => sum + watts, 0);
  return { ...device, idleWatts: Math.max(0, device.watts - held), sharers, splitBy };
}

/** Exporters repeat a holder per metric and per slot: its shares add up, its use is told once. */
function withoutRepeats(holders: readonly DeviceHolder[]): readonly DeviceHolder[] {
  const found = new Map<string, DeviceHolder>();
  for (const holder of holders) {
    const before = found.get(containerKey(holder));
    found.set(containerKey(holder), before === undefined ? holder : joined(before, holder));
  }
  return [...found.values()];
}

function joined(a: DeviceHolder, b: DeviceHolder): DeviceHolder {
  const share = a.share === undefined ? b.share : a.share + (b.share ?? 0);
  const use = a.use === undefined ? b.use : a.use + (b.use ?? 0);
  return { ...a, ...(share === undefined ? {} : { share }), ...(use === undefined ? {} : { use }) };
}

/**
 * Use counts where it was measured for everyone. Exporters that only know the device say the same of every holder
 * (dcgm-exporter#587): equal values are no measurement.
 */
function splitFor(holders: readonly DeviceHolder[]): DeviceSplit {
  if (holders.length === 1) return 'whole';
  const uses = holders.map(({ use }) => use);
  const total = uses.reduce<number>((sum, use) => sum + (use ?? Number.NaN), 0);
  if (total > 0 && new Set(uses).size > 1) return 'use';
  return holders.every(({ share }) => share !== undefined) ? 'share' : 'equal';
}

/** What each was given, 0–1, at most the device in all. Those without a share divide evenly what is left. */
function sharesOf(holders: readonly DeviceHolder[]): readonly number[] {
  const known = holders.reduce((sum, { share = 0 }) => sum + share, 0);
  const unknown = holders.filter(({ share }) => share === undefined).length;
  const left = Math.max(0, 1 - known) / Math.max(1, unknown);
  const shares = holders.map(({ share }) => share ?? left);
  return known > 1 ? normalised(shares) : shares;
}

/** To the sum of one; evenly where they sum to nothing. */
function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / weights.length));
}

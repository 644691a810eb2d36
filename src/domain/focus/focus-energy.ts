/** The energy and carbon of a node's charge, split like its money: pods and the rest sum to the node. */
import type { PodShare } from '../allocation/allocation.ts';
import type { PowerOrigin } from '../power/power.ts';
import { apportion } from './apportion.ts';
import { billionths } from './decimal.ts';
import type { FocusRow } from './focus-columns.ts';

export interface NodeEnergy {
  /** Of the whole node in the charge period. */
  readonly kwh: number;
  /** Undefined where the carbon of a part of it is not known. */
  readonly carbonKg: number | undefined;
  readonly origin: PowerOrigin;
  /** Of its pods, by `namespace/name`; a pod that is not in it is not known, and stands in the rest. */
  readonly podKwh: ReadonlyMap<string, number>;
}

type EnergyColumns = Pick<FocusRow, 'x_EnergyKwh' | 'x_CarbonKg' | 'x_PowerOrigin'>;

/** One for each pod and one for the rest; nothing where the node's energy is not known. */
export function splitEnergy(energy: NodeEnergy | undefined, pods: readonly PodShare[]): EnergyColumns[] {
  if (energy === undefined) return [];
  const known = pods.map(({ pod }) => energy.podKwh.get(`${pod.namespace}/${pod.name}`));
  const rest = Math.max(0, energy.kwh - known.reduce<number>((sum, kwh) => sum + (kwh ?? 0), 0));
  const weights = [...known.map((kwh) => kwh ?? 0), rest];
  const kwh = apportion(billionths(energy.kwh), weights);
  const kg = energy.carbonKg === undefined ? undefined : apportion(billionths(energy.carbonKg), weights);
  return weights.map((_, index) => {
    const isUnknown = index < known.length && known[index] === undefined;
    return {
      x_EnergyKwh: isUnknown ? null : (kwh[index] ?? null),
      x_CarbonKg: isUnknown ? null : (kg?.[index] ?? null),
      x_PowerOrigin: isUnknown ? null : energy.origin,
    };
  });
}

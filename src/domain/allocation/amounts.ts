/** Money by machine part, and watts: what bills add up and share out. */
import { type MachinePart, type Parts, sumParts } from './allocation.ts';

/** USD for each part of the machine, mean watts while its node was there, and the energy of that. */
export interface Amounts extends Parts {
  readonly watts: number;
  readonly kwh: number;
}

/** Where idle stands: on its own line, with those who could have used it, or nowhere (the view says how much that is). */
export const IDLE_MODES = ['separate', 'share', 'hidden'] as const;
export type IdleMode = (typeof IDLE_MODES)[number];

type Field = MachinePart | 'watts' | 'kwh';

export const NO_AMOUNTS: Amounts = { cpu: 0, memory: 0, gpu: 0, watts: 0, kwh: 0 };

export function mapAmounts(compute: (field: Field) => number): Amounts {
  return mapFields(compute);
}

function mapFields<T>(compute: (field: Field) => T): Readonly<Record<Field, T>> {
  return {
    cpu: compute('cpu'),
    memory: compute('memory'),
    gpu: compute('gpu'),
    watts: compute('watts'),
    kwh: compute('kwh'),
  };
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return mapAmounts((field) => a[field] + b[field]);
}

/** The money of them. */
export function sumUsd(amounts: Amounts): number {
  return sumParts(amounts);
}

export interface Distribution {
  readonly portions: readonly Amounts[];
  /** What nobody has a weight for. */
  readonly left: Amounts;
}

/**
 * Shares amounts out by weights: each part by the weights of that part; where nobody holds any of it, by the weights'
 * money, and else by their watts. What is left is what nobody has any weight for, so that nothing vanishes.
 */
export function distribute(amounts: Amounts, weights: readonly Amounts[]): Distribution {
  const byPart = mapFields<readonly number[]>((field) => weights.map((weight) => weight[field]));
  const byMoney = weights.map(sumUsd);
  const chosen = mapFields<readonly number[]>(
    (field) => [byPart[field], byMoney, byPart.watts].find((list) => sum(list) > 0) ?? [],
  );
  const totals = mapAmounts((field) => sum(chosen[field]));
  const portions = weights.map((_, index) =>
    mapAmounts((field) =>
      totals[field] > 0 ? amounts[field] * ((chosen[field][index] ?? 0) / totals[field]) : 0,
    ),
  );
  return { portions, left: mapAmounts((field) => (totals[field] > 0 ? 0 : amounts[field])) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Sums of energy costs. What is not known of one part is not known of the whole. */
import type { EnergyCost } from '#domain/cost/energy-cost.ts';

type Amount = 'kwh' | 'electricityUsd' | 'coolingUsd' | 'carbonUsd' | 'carbonKg' | 'totalUsd';
export type CostSum = Readonly<Record<Amount, number | undefined>> & { readonly unknown: readonly string[] };

const AMOUNTS: readonly Amount[] = [
  'kwh',
  'electricityUsd',
  'coolingUsd',
  'carbonUsd',
  'carbonKg',
  'totalUsd',
];

/** Undefined amounts for no cost at all: nothing is known of nothing. */
export function sumCosts(costs: readonly EnergyCost[], whyNone: string): CostSum {
  const amounts = AMOUNTS.map((amount): [Amount, number | undefined] => [amount, sumOf(costs, amount)]);
  const unknown = costs.length === 0 ? [whyNone] : [...new Set(costs.flatMap((cost) => cost.unknown))];
  return { ...(Object.fromEntries(amounts) as Record<Amount, number | undefined>), unknown };
}

function sumOf(costs: readonly EnergyCost[], amount: Amount): number | undefined {
  if (costs.length === 0) return undefined;
  return costs.reduce<number | undefined>((sum, cost) => {
    const value = cost[amount];
    return sum === undefined || value === undefined ? undefined : sum + value;
  }, 0);
}

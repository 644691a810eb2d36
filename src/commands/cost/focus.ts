/** The bill as FOCUS rows: one charge for each node and step, split over its pods. */
import type { Allocation } from '#domain/allocation/allocation.ts';
import type { FocusRow } from '#domain/focus/focus-columns.ts';
import type { NodeEnergy } from '#domain/focus/focus-energy.ts';
import { focusRows } from '#domain/focus/focus-rows.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import type { Bill } from './bill.ts';

export interface FocusAccount {
  readonly billingAccountId: string;
  readonly cluster: string;
  readonly provider: string | undefined;
}

export function billAsFocus(bill: Bill, account: FocusAccount): FocusRow[] {
  return Iterator.from(bill.steps())
    .flatMap((step) => focusRows(step, { ...account, energy: energyOf(step, bill) }))
    .toArray();
}

/** The mean power of the time, for as long as the step. */
function energyOf(step: Allocation, { power, carbon }: Bill): ReadonlyMap<string, NodeEnergy> {
  const hoursOf = new Map(step.nodes.map(({ node, hours }) => [node.name, hours]));
  const nodes = [...(power?.nodes ?? [])].map(([name, { watts, origin }]): [string, NodeEnergy] => {
    const hours = hoursOf.get(name) ?? (step.toMs - step.fromMs) / HOUR_MS;
    const kwh = (watts * hours) / 1000;
    const carbonKg = 'kgPerKwh' in carbon ? kwh * carbon.kgPerKwh : undefined;
    return [name, { kwh, carbonKg, origin, podKwh: podEnergy(power, hours) }];
  });
  return new Map(nodes);
}

function podEnergy(power: Bill['power'], hours: number): ReadonlyMap<string, number> {
  return new Map([...(power?.pods ?? [])].map(([key, { watts }]) => [key, (watts * hours) / 1000]));
}

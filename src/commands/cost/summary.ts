/** The lines under a bill: what it comes to, and what its figures rest on. */
import { sumUsd } from '#domain/allocation/aggregate.ts';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import { formatDuration } from '#domain/units/duration.ts';
import type { Bill, BillView } from './bill.ts';

export function summaryOf({ total, hiddenIdle, usdPerHour }: BillView, bill: Bill): readonly string[] {
  const [whole, hidden] = [sumUsd(total), sumUsd(hiddenIdle)];
  const ofIt = hidden > 0 ? `, of it ${dollars(hidden)} idle that is not shown` : '';
  return [
    `${dollars(whole)} in ${formatDuration(bill.toMs - bill.fromMs)}${ofIt}: ${dollars(usdPerHour * HOURS_PER_MONTH)} a month as it runs now. Usage: ${bill.usageSource}.`,
    `Energy: electricity, cooling by the mode ${bill.tariff.rates.coolingMode}, carbon at ${intensityText(bill)}. It stands beside the cost: a cloud’s price has it in it.`,
  ];
}

function intensityText({ tariff: { intensity } }: Bill): string {
  if (intensity.origin === 'table') return `the intensities of ${intensity.name}`;
  const number = `${String(intensity.kgPerKwh)} kg/kWh`;
  return intensity.origin === 'constant'
    ? number
    : `the seed’s ${number}, which is no grid’s (set CARBON_INTENSITY)`;
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 10 ? 4 : 2)}`;
}

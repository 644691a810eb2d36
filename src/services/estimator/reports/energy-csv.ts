/** The energy bill as a table for spreadsheets: one line for each hour, node and pod, and one for what no pod accounts for. */
import type { EnergyCost } from '#domain/cost/energy-cost.ts';
import { isoTime } from '../answers/evidence-answer.ts';
import type { Tariff } from '../tariff.ts';
import type { NodeHour } from './energy-bill.ts';

const COLUMNS = ['start', 'end', 'node', 'namespace', 'pod', 'energy_kwh', 'electricity_usd', 'cooling_usd', 'carbon_usd', 'total_usd', 'carbon_kg', 'coverage', 'origin']; // prettier-ignore

/** RFC 4180; what is not known is an empty cell, and so are namespace and pod of what no pod accounts for. */
export function energyCsv(bill: readonly NodeHour[], tariff: Tariff): string {
  const lines = bill.flatMap((hour) => linesOf(hour, tariff));
  return [COLUMNS, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function linesOf(hour: NodeHour, tariff: Tariff): string[][] {
  const { fromMs, toMs, node, coverage, origin, pods, restJoules } = hour;
  const line = (namespace: string, pod: string, joules: number): string[] => {
    const amounts = amountsOf(tariff.past({ fromMs, toMs, joules }));
    return [isoTime(fromMs), isoTime(toMs), node, namespace, pod, ...amounts, String(coverage), origin];
  };
  return [
    ...pods.map(({ namespace, pod, joules }) => line(namespace, pod, joules)),
    line('', '', restJoules),
  ];
}

function amountsOf(cost: EnergyCost): string[] {
  const { kwh, electricityUsd, coolingUsd, carbonUsd, totalUsd, carbonKg } = cost;
  return [kwh, electricityUsd, coolingUsd, carbonUsd, totalUsd, carbonKg].map(
    (value) => value?.toString() ?? '',
  );
}

/** A cell that a spreadsheet would run as a formula is made a text. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The bill of a cluster: what is read, what is shared, and what is priced beside it. */
import {
  aggregate,
  type AggregateOptions,
  type Amounts,
  type CostRow,
  type CostView,
  sumUsd,
} from '#domain/allocation/aggregate.ts';
import type { Allocation } from '#domain/allocation/allocation.ts';
import type { PowerView } from '#domain/allocation/power-view.ts';
import type { CarbonMass } from '#domain/carbon/carbon-mass.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import { messageOf } from '#errors/kc-error.ts';
import { carbonPerKwh, type PowerOverTime, readPower } from '#services/costs/cluster-power.ts';
import { clusterCosts, costSteps, podSpans, readClusterObjects } from '#services/costs/cluster-costs.ts';
import type { CostQuery } from '#services/costs/cost-query.ts';
import type { ClusterConnection } from '../cli/cluster.ts';
import type { EnergyTariff } from '../cli/energy-flags.ts';
import type { LivePrices } from '#adapters/prices/live-prices.ts';
import { pastPods, podUsage, type Sources } from './sources.ts';

export interface Bill extends CostQuery {
  readonly allocation: Allocation;
  /** The same step by step, anew at each call. */
  readonly steps: () => Iterable<Allocation>;
  /** The last second, for what it costs now: pods that have ended cost nothing any more. */
  readonly lastSecond: Allocation;
  /** What told usage. */
  readonly usageSource: string;
  /** Undefined where no watts are known. */
  readonly power: PowerView | undefined;
  /** The carbon of a kWh, or why it is not known. */
  readonly carbon: CarbonMass | { readonly kgPerKwh: number };
  readonly tariff: EnergyTariff;
  /** What is not known, or not as well as one would like. */
  readonly notes: readonly string[];
}

export interface BillParts extends CostQuery {
  readonly connection: ClusterConnection;
  readonly sources: Sources;
  readonly prices: LivePrices;
  readonly tariff: EnergyTariff;
  readonly note: (text: string) => void;
}

export async function readBill(parts: BillParts): Promise<Bill> {
  const { connection, sources, prices, tariff, note, fromMs, toMs } = parts;
  const objects = await readClusterObjects(connection.client);
  const present = podSpans(objects, toMs);
  const past = await pastPods(sources, { objects, pods: present, fromMs, toMs });
  const pods = [...present, ...past.pods];
  const [usage, power] = await Promise.all([
    podUsage(sources, connection, { pods, fromMs, toMs, note }),
    powerOf(parts),
  ]);
  const input = { objects, spans: pods, usage, prices };
  const allocation = clusterCosts({ fromMs, toMs }, input);
  return {
    fromMs,
    toMs,
    allocation,
    steps: () => costSteps({ fromMs, toMs }, input),
    lastSecond: clusterCosts({ fromMs: toMs - SECOND_MS, toMs }, input),
    usageSource: usage.source,
    power: power.read?.view,
    carbon: carbonPerKwh(power.read ?? { view: EMPTY_VIEW, steps: [] }, tariff.intensity),
    tariff,
    notes: [...past.notes, ...power.notes, ...notesOf(allocation, prices)],
  };
}

const SECOND_MS = 1000;
const EMPTY_VIEW: PowerView = { pods: new Map(), nodes: new Map(), problems: [] };

async function powerOf({
  sources,
  fromMs,
  toMs,
}: BillParts): Promise<{ read?: PowerOverTime; notes: readonly string[] }> {
  try {
    const read = await readPower(sources.power, { fromMs, toMs });
    return { read, notes: read.view.problems };
  } catch (error) {
    return { notes: [`watts are unknown: ${messageOf(error)}`] };
  }
}

function notesOf({ nodes, pods, unplaced }: Allocation, prices: LivePrices): string[] {
  const unlisted = nodes.filter(({ node }) => node.priceKey === undefined);
  const types = new Set(unlisted.map(({ node }) => node.instanceType ?? node.name));
  const unknown = pods.filter(({ unknown: parts }) => parts.length > 0).length;
  const problem = prices.status?.problem;
  return [
    ...(problem === undefined ? [] : [`the price list: ${problem}`]),
    ...(unlisted.length === 0 ? [] : [`${unlisted.length} of ${nodes.length} nodes are priced at the ${prices.base.source} rates, as no price list names ${few([...types])}`]),
    ...(unknown === 0 ? [] : [`of ${unknown} pods a part is neither asked for nor known by its use: that stands in idle`]),
    ...(unplaced.length === 0 ? [] : [`${unplaced.length} pods ran on nodes that are gone: what they cost is unknown`]),
  ]; // prettier-ignore
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

export interface BillView extends CostView {
  /** What a row costs now. */
  readonly usdPerHourOf: (row: CostRow) => number;
  readonly usdPerHour: number;
}

/** A view of the bill, and of what it costs now. */
export function viewOf(bill: Bill, options: Omit<AggregateOptions, 'power'>): BillView {
  const view = aggregate(bill.allocation, { ...options, power: bill.power });
  const now = aggregate(bill.lastSecond, options);
  const nameOf = ({ kind, key }: CostRow): string => JSON.stringify([kind, key]);
  const rates = new Map(now.rows.map((row) => [nameOf(row), perHour(row.total)]));
  return {
    ...view,
    usdPerHourOf: (row) => rates.get(nameOf(row)) ?? 0,
    usdPerHour: perHour(now.total),
  };
}

function perHour(total: Amounts): number {
  return (sumUsd(total) * HOUR_MS) / SECOND_MS;
}

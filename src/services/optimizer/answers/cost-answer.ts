/** What a workload costs, as the API answers. */
import type { CostEstimate } from '#apis/optimizer-api/recommendation.ts';
import type { FieldMap } from '#domain/change/field.ts';
import { gpuUsdPerHour, HOURS_PER_MONTH, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import { podFootprint, replicasOf } from '#domain/cost/workload-cost.ts';
import { UnknownFields, usd } from './unknown.ts';

const GIB = 1024 ** 3;

export interface CostQuestion {
  readonly sizes: FieldMap;
  /** Pods, where the sizes do not state them. */
  readonly replicas: number;
  readonly prices: ResourcePrices;
}

/** A resource that no container requests reserves nothing: its part is null, and the totals are without it. */
export function costAnswer({ sizes, replicas, prices }: CostQuestion): CostEstimate {
  const { cpuCores, memoryBytes } = podFootprint(sizes);
  const pods = replicasOf(sizes, replicas);
  const compute = computeUsdPerHour(cpuCores, pods, prices);
  const memory =
    memoryBytes === undefined ? undefined : (memoryBytes / GIB) * pods * prices.memoryUsdPerGibHour;
  const hourly = compute === undefined && memory === undefined ? undefined : (compute ?? 0) + (memory ?? 0);
  const totals = new UnknownFields();
  const parts = new UnknownFields();
  const over = (hours: number, value: number | undefined): number | undefined =>
    value === undefined ? undefined : usd(value * hours);
  const total = (field: string, hours: number): number | null =>
    totals.number(field, over(hours, hourly), 'no container requests CPU or memory');
  return {
    hourly: totals.number(
      'hourly',
      hourly === undefined ? undefined : round6(hourly),
      'no container requests CPU or memory',
    ),
    daily: total('daily', 24),
    monthly: total('monthly', HOURS_PER_MONTH),
    yearly: total('yearly', HOURS_PER_MONTH * 12),
    breakdown: {
      compute: parts.number('compute', over(HOURS_PER_MONTH, compute), 'no container requests CPU'),
      memory: parts.number('memory', over(HOURS_PER_MONTH, memory), 'no container requests memory'),
      storage: parts.number('storage', undefined, 'volumes are not priced'),
      network: parts.number('network', undefined, 'traffic is not priced'),
      total: parts.number('total', over(HOURS_PER_MONTH, hourly), 'no part is known'),
      ...parts.noted,
    },
    price_source: prices.source,
    ...totals.noted,
  };
}

/** Of the cores and GPUs of all pods. */
function computeUsdPerHour(
  cpuCores: number | undefined,
  pods: number,
  prices: ResourcePrices,
): number | undefined {
  const { gpusPerPod = 0, cpuUsdPerCoreHour } = prices;
  if (cpuCores === undefined && gpusPerPod === 0) return undefined;
  return pods * ((cpuCores ?? 0) * cpuUsdPerCoreHour + gpusPerPod * gpuUsdPerHour(prices));
}

/** A cost that is known as a whole only. */
export function wholeCost(usdPerMonth: number, priceSource: string): CostEstimate {
  const parts = new UnknownFields();
  const because = 'it is the price of a mix of nodes or hours';
  return {
    hourly: round6(usdPerMonth / HOURS_PER_MONTH),
    daily: usd((usdPerMonth / HOURS_PER_MONTH) * 24),
    monthly: usd(usdPerMonth),
    yearly: usd(usdPerMonth * 12),
    breakdown: {
      compute: parts.number('compute', undefined, because),
      memory: parts.number('memory', undefined, because),
      storage: parts.number('storage', undefined, 'volumes are not priced'),
      network: parts.number('network', undefined, 'traffic is not priced'),
      total: usd(usdPerMonth),
      ...parts.noted,
    },
    price_source: priceSource,
  };
}

function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

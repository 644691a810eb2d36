/** The cost of a workload of a given size: what its pods reserve, at the given prices. */
import { type FieldMap, REPLICAS, amountOf, parseResourcePath } from '../change/field.ts';
import { type Footprint, HOURS_PER_MONTH, type ResourcePrices, usdPerHour } from './resource-prices.ts';

/** What one pod of this size reserves. A resource that no container requests is undefined. */
export function podFootprint(size: FieldMap): Footprint {
  const sums = { cpu: undefined as number | undefined, memory: undefined as number | undefined };
  for (const [path, value] of Object.entries(size)) {
    const field = parseResourcePath(path);
    const amount = amountOf(value);
    if (field?.list !== 'requests' || amount === undefined) continue;
    sums[field.resource] = (sums[field.resource] ?? 0) + amount;
  }
  return { cpuCores: sums.cpu, memoryBytes: sums.memory };
}

/** USD per month of `replicas` pods of this size. */
export function monthlyCost(size: FieldMap, replicas: number, prices: ResourcePrices): number {
  return usdPerHour(podFootprint(size), prices) * replicas * HOURS_PER_MONTH;
}

/** The replica count that a size states, or the fallback (for sizes that leave replicas to an autoscaler). */
export function replicasOf(size: FieldMap, fallback: number): number {
  return amountOf(size[REPLICAS]) ?? fallback;
}

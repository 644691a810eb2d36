/**
 * What resources cost. The one place that prices come from: the estimator extends the book, everything else
 * asks it.
 */

/** Hours in a month by the convention of cloud bills: 8,760 / 12. */
export const HOURS_PER_MONTH = 730;
const GIB = 1024 ** 3;

/** How a price is known: from the node's listed price, or the default rates because nothing better is known. */
export type PriceSource = 'node-price-list' | 'configured' | 'default';

export interface ResourcePrices {
  readonly cpuUsdPerCoreHour: number;
  readonly memoryUsdPerGibHour: number;
  /** Of one whole GPU or NPU. Absent where nobody says: the rate of DEFAULT_PRICES then. */
  readonly gpuUsdPerHour?: number;
  /** In the prices of one workload: the GPUs that each of its pods holds, in whole devices. */
  readonly gpusPerPod?: number;
  readonly source: PriceSource;
}

/**
 * Rates where nothing is configured. CPU and memory: the fallback of the seed's own price module ($0.04 per core-hour
 * and $0.005 per GiB-hour), within 30 % of the large clouds' general-purpose list prices. GPU: the default of OpenCost
 * (configs/default.json, "GPU": "0.95", after Google Cloud us-central1).
 */
export const DEFAULT_PRICES: ResourcePrices & { readonly gpuUsdPerHour: number } = {
  cpuUsdPerCoreHour: 0.04,
  memoryUsdPerGibHour: 0.005,
  gpuUsdPerHour: 0.95,
  source: 'default',
};

/** The price of one whole GPU. */
export function gpuUsdPerHour({ gpuUsdPerHour: stated }: ResourcePrices): number {
  return stated ?? DEFAULT_PRICES.gpuUsdPerHour;
}

/** What a pod asks the scheduler for; undefined where it asks for nothing. */
export interface Footprint {
  readonly cpuCores: number | undefined;
  readonly memoryBytes: number | undefined;
  /** In whole devices: a slice of one is a fraction. Absent: what the prices say of the workload's pods. */
  readonly gpus?: number | undefined;
}

/**
 * USD per hour of one pod of this footprint; a resource that is not requested costs nothing here. No change of sizes
 * gives a GPU back, but one replica less does.
 */
export function usdPerHour(footprint: Footprint, prices: ResourcePrices): number {
  const cpu = (footprint.cpuCores ?? 0) * prices.cpuUsdPerCoreHour;
  const memory = ((footprint.memoryBytes ?? 0) / GIB) * prices.memoryUsdPerGibHour;
  return cpu + memory + (footprint.gpus ?? prices.gpusPerPod ?? 0) * gpuUsdPerHour(prices);
}

/** Rounds to whole cents, half away from zero, and never to −0. */
export function cents(usd: number): number {
  return Math.sign(usd) * (Math.round(Math.abs(usd) * 100 + 1e-9) / 100) + 0;
}
